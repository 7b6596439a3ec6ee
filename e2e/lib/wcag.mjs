// What WCAG 2.2 asks for and axe cannot tell: each check is a script over the page as it stands.
import { expect } from "@playwright/test";
import { SEEN, sight } from "./hands.mjs";

/** 1.4.10 asks for 320 CSS px, as 1280 at 400 %; phones have 360. */
export const NARROW = [320, 360];
const STOPS_MAX = 400;

/** 1.4.10: nothing is scrolled for sideways. */
export async function reflows(page, widths = NARROW) {
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 740 });
    expect.soft(await tooWide(page), `${page.url()} at ${width} px`).toEqual([]);
  }
  await page.setViewportSize(before);
}

/** Elements that reach past the right edge and are not inside something that scrolls by itself. */
const tooWide = (page) => page.evaluate(`(${wide})()`);

/** Runs in the page. */
function wide() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const scrolls = (element) => element && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
  const far = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > clientWidth + 0.5 && !scrolls(element.parentElement),
  );
  return [`${scrollWidth} > ${clientWidth}`, ...far.slice(0, 5).map((element) => element.outerHTML.slice(0, 120))];
}

/** Labels keep their words whole at every width: only what strangers write may be broken anywhere. */
export async function keepsWords(page, widths = [320, 768, 1024, 1440, 1920]) {
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const broken = await page.locator("[data-label]:visible, .chip-text:visible, .panel-source:visible, .status:visible, h2:visible, dt:visible, button:visible").evaluateAll((elements) => {
      const found = [];
      for (const element of elements) {
        const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
          for (const { index, 0: word } of node.data.matchAll(/[\p{L}\d]+/gu)) {
            // Digests are no words.
            if (/\d/.test(word)) continue;
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word);
          }
        }
      }
      return found;
    });
    expect.soft(broken, `words broken on ${page.url()} at ${width} px`).toEqual([]);
  }
  await page.setViewportSize(before);
}

/** 2.5.8: what is pressed is at least 24 px each way; axe knows the exceptions, controls of ours need none. */
export async function hasTargetsLargeEnough(page) {
  const small = await page.locator("button:visible, select:visible, input:visible, summary:visible, nav a:visible").evaluateAll((elements) =>
    elements
      .map((element) => ({ text: (element.textContent || element.id || element.name).trim().slice(0, 40), box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(({ text, box }) => `${text} ${box.width}x${box.height}`),
  );
  expect.soft(small, `targets of ${page.url()}`).toEqual([]);
}

/** 2.1.2, 2.4.7, 2.4.11: Tab reaches the end of the page, and each stop is seen, bare and marked. */
export async function focusIsNeverHidden(page) {
  await page.getByRole("link", { name: "Skip to content" }).focus();
  const stops = [];
  for (let n = 0; n < STOPS_MAX; n += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(`document.activeElement === document.body ? null : (${sight})(document.activeElement)`);
    if (stop === null) return stops.length;
    expect.soft(stop, `focus on ${stop.name} of ${page.url()}`).toMatchObject(SEEN);
    stops.push(stop.name);
  }
  throw new Error(`${page.url()} has more than ${STOPS_MAX} stops of Tab, or a trap: ${stops.slice(-4)}`);
}

/** 1.4.12: with the text spacing that a reader may choose nothing is cut off and nothing is scrolled for sideways. */
export async function bearsTextSpacing(page) {
  const cut = await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
        "p { margin-block-end: 2em !important }",
    );
    document.adoptedStyleSheets.push(sheet);
    const found = [...document.body.querySelectorAll("*")].filter((element) => {
      if (!element.textContent.trim() || !element.checkVisibility()) return false;
      const { overflowX, overflowY } = getComputedStyle(element);
      // What is one px large is there for screen readers alone.
      if (element.clientWidth <= 1) return false;
      const hides = (overflow) => overflow === "hidden" || overflow === "clip";
      return (
        (hides(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
        (hides(overflowY) && element.scrollHeight > element.clientHeight + 1)
      );
    });
    return found.map((element) => element.outerHTML.slice(0, 120));
  });
  const wide = await tooWide(page);
  await page.evaluate(() => document.adoptedStyleSheets.pop());
  expect.soft([...cut, ...wide], `${page.url()} with text spaced`).toEqual([]);
}

/** 2.1.4: no key that is a character does anything by itself. */
export async function hasNoCharacterShortcuts(page) {
  const look = () => page.evaluate(() => [location.href, document.activeElement?.id ?? "", window.scrollX, document.querySelectorAll("dialog[open], :popover-open").length]);
  await page.evaluate(() => document.activeElement?.blur());
  const before = await look();
  for (const key of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?.,;:!-+*#'") await page.keyboard.press(key);
  expect.soft(await look(), `keys on ${page.url()}`).toEqual(before);
}

/** 3.2.3, 3.2.6: what recurs, with help among it, in the order in which a page has it. */
export function recurring(page) {
  return page.evaluate(() => {
    const text = (element) => element.textContent.trim().replace(/\s+/g, " ");
    const links = [...document.querySelectorAll("#nav a")].map((link) => [link.getAttribute("href"), text(link)]);
    const parts = ["a.skip, a[href='#main']", "#demo-banner", "#nav", "#viewer", "#main", "#footer"];
    const order = [...document.querySelectorAll(parts.join(", "))].map((element) => element.id || "skip");
    const help = [...document.querySelectorAll("a, button, summary")].filter((element) => /\bhelp\b|contact|support@|documentation/i.test(text(element)));
    return { links, order, help: help.map((element) => [text(element), element.closest("header, nav, footer, main")?.id]) };
  });
}
