// Two ways to use a page. A story is told once and played by either.
import { expect } from "@playwright/test";

const STOPS_MAX = 300;

/** By mouse. */
export const mouse = {
  press: (target) => target.click(),
  write: (field, text) => field.fill(text),
  choose: (list, label) => list.selectOption({ label }),
};

/** By keyboard alone: from stop to stop with Tab, as far as it takes; the skip link goes past what every page has. */
export function keyboard(page) {
  const skip = async (target) => {
    const isAhead = await target.evaluate(
      (element) => element.closest("main") !== null && document.activeElement === document.body,
    );
    if (!isAhead) return;
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();
  };
  const reach = async (target) => {
    await expect(target).toBeVisible();
    await skip(target);
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      await page.keyboard.press("Tab");
      if (await target.evaluate((element) => element === document.activeElement)) {
        await inSight(target);
        return;
      }
    }
    throw new Error(`${target} is not among the first ${STOPS_MAX} stops of Tab`);
  };
  return {
    press: async (target) => {
      await reach(target);
      await page.keyboard.press("Enter");
    },
    write: async (field, text) => {
      await reach(field);
      await page.keyboard.type(text);
    },
    choose: async (list, label) => {
      await reach(list);
      await page.keyboard.press("Home");
      const options = await list.getByRole("option").allTextContents();
      for (const name of options) {
        if (name === label) break;
        await page.keyboard.press("ArrowDown");
      }
      await expect(list.locator("option:checked")).toHaveText(label);
    },
  };
}

/** WCAG 2.2, 2.4.7 and 2.4.11: one sees where the focus is, and nothing hides it. */
async function inSight(target) {
  expect(await target.evaluate(sight), `focus on ${target}`).toMatchObject(SEEN);
}

/** What `sight` finds of an element whose focus one sees. */
export const SEEN = { bare: true, marked: true };

/** Runs in the page: whether some of an element is bare, and whether it is marked as focused. */
export function sight(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + x * width, top + y * height]));
  const bare = points.some(([x, y]) => {
    const there = document.elementFromPoint(x, y);
    return there !== null && (element.contains(there) || there.contains(element));
  });
  const style = getComputedStyle(element);
  // The buttons inside a field for dates are the browser's own, and it marks them itself.
  const within = element.matches("input:not(:focus-visible)");
  const marked = within || style.outlineStyle !== "none" || style.boxShadow !== "none";
  return { name: `${element.localName}#${element.id} ${element.textContent.trim().slice(0, 30)}`, bare, marked };
}
