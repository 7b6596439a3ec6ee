// Accessibility of a page as it stands.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";

/** axe finds nothing, in light and in dark, with every rule; WCAG 2.2's target size is off unless asked for. */
export async function isAccessible(page) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await isClean(page, colorScheme);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** In forced colours, which are the reader's own, axe finds nothing else. */
export async function bearsForcedColours(page) {
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  await isClean(page, "forced colours", { "color-contrast": { enabled: false } });
}

async function isClean(page, look, rules = {}) {
  // The pages have no frames: the legacy mode opens no page of its own.
  const axe = new AxeBuilder({ page }).options({ rules: { "target-size": { enabled: true }, ...rules } }).setLegacyMode(true);
  const { violations } = await axe.analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.html.slice(0, 160)}`));
  expect.soft(found, `${page.url()} in ${look}`).toEqual([]);
}
