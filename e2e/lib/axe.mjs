// Accessibility of a page as it stands: axe in both colour schemes, and nothing to be scrolled for sideways.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";

/** axe finds nothing in light and dark. The schemes differ in colours alone, so dark is asked about colours. */
export async function isAccessible(page) {
  const axe = () => new AxeBuilder({ page });
  for (const [colorScheme, asked] of [["light", axe()], ["dark", axe().withRules(["color-contrast", "link-in-text-block"])]]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await asked.analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.html.slice(0, 160)}`));
    expect(found, `${page.url()} in ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** WCAG 2.2, 1.4.10: a phone's width is enough. */
export async function fitsPhone(page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(wide.scrollWidth, `${page.url()} at 360 px`).toBeLessThanOrEqual(wide.clientWidth);
  await page.setViewportSize(before);
}

/** WCAG 2.2, 2.5.8: what is pressed is at least 24 px each way; links inside a sentence or a table are exempt. */
export async function hasTargetsLargeEnough(page) {
  const small = await page.locator("button:visible, select:visible, input:visible, nav a:visible").evaluateAll((elements) =>
    elements
      .map((element) => ({ text: (element.textContent || element.id || element.name).trim().slice(0, 40), box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(({ text, box }) => `${text} ${box.width}x${box.height}`),
  );
  expect(small, `targets of ${page.url()}`).toEqual([]);
}
