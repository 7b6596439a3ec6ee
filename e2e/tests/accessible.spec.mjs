// Nobody is kept out: axe with every rule in both schemes, and what WCAG 2.2 asks for beyond it.
// The empty page is in empty.spec.mjs, the fallback in outage.spec.mjs.
import { expect } from "@playwright/test";
import { bearsForcedColours, isAccessible } from "../lib/axe.mjs";
import { OPERATOR_1, OPERATOR_2, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { everyPage } from "../lib/pages.mjs";
import {
  bearsTextSpacing,
  focusIsNeverHidden,
  hasNoCharacterShortcuts,
  hasTargetsLargeEnough,
  keepsWords,
  recurring,
  reflows,
} from "../lib/wcag.mjs";

const ROLLBACK = "Back to the 2026.02 storefront package";

const demo = shareDemo();
let paths;

async function signedIn(page, name = OPERATOR_1) {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(name);
  return me;
}

/** Does something on every page there is. */
async function onEveryPage(page, check) {
  for (const path of paths) {
    await page.goto(`${demo.console}${path}`);
    await check(path);
  }
}

test.beforeAll(async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await signedIn(page);
  paths = [...(await everyPage(page, demo.console)), "/entries/events/0"];
  await page.context().close();
  await demo.event({ id: "deploy-1", source: "ci.build", kind: "pipeline.finished", category: "reported", severity: "high", title: "Built" });
});

test("live: every page is accessible in light and dark", async ({ page }) => {
  // Every rule of axe, twice on each page.
  test.setTimeout(300_000);
  const me = await signedIn(page);
  await me.findsRows((soon) => expect(page.locator("#events a[href='/entries/events/0']").first()).toBeVisible(soon));
  await onEveryPage(page, () => isAccessible(page));
});

test("every page reflows, bears text spacing and has targets large enough", async ({ page }) => {
  await signedIn(page);
  await onEveryPage(page, async () => {
    await reflows(page);
    await bearsTextSpacing(page);
    await hasTargetsLargeEnough(page);
    if (!/entries/.test(page.url())) await keepsWords(page);
  });
});

test("refused: on a change's page, on an engine's, and as a page of its own", async ({ page }) => {
  const me = await signedIn(page, OPERATOR_2);
  await me.change(ROLLBACK);
  const change = new URL(page.url()).pathname;
  await me.isRefused("approve", "seal");
  await expect(page.getByRole("alert")).toBeFocused();
  await isAccessible(page);
  await reflows(page);
  await me.engine("POD Engine Bravo");
  const form = await me.asks("rollback", "Rollback package");
  await form.getByLabel("Reason").fill("turned \u202e round");
  await form.getByRole("button").click();
  await expect(page.getByRole("alert")).toBeFocused();
  await isAccessible(page);
  await reflows(page);
  await page.locator('#viewer input[name="csrf"]').evaluate((field) => (field.value = "0"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("alert")).toContainText("csrf.foreign");
  await isAccessible(page);
  await reflows(page);
  // Another person continues where the refused one stood.
  await page.goto(`${demo.console}${change}`);
  await me.signIn(OPERATOR_1);
  expect(new URL(page.url()).pathname).toBe(change);
});

test("2.4.11: Tab goes through every page, and no stop of it is hidden", async ({ page }) => {
  await signedIn(page);
  await onEveryPage(page, async (path) => {
    // The long page is gone through once.
    if (path !== "/?all=1") expect(await focusIsNeverHidden(page), path).toBeGreaterThan(7);
  });
  // What sticks to the top of a small screen must not cover what has the focus.
  await page.setViewportSize({ width: 360, height: 480 });
  await page.goto(`${demo.console}${paths.find((path) => path.startsWith("/changes/"))}`);
  await focusIsNeverHidden(page);
});

test("2.1.4: no character does anything by itself", async ({ page }) => {
  await signedIn(page);
  await onEveryPage(page, () => hasNoCharacterShortcuts(page));
});

test("3.2.3 and 3.2.6: what recurs is in the same place on every page", async ({ page }) => {
  await signedIn(page);
  const [first, ...others] = await (async () => {
    const all = [];
    await onEveryPage(page, async () => all.push(await recurring(page)));
    return all;
  })();
  expect(first.links.length).toBe(7);
  for (const other of others) expect(other).toEqual(first);
});

test("3.3.7: what was written is not asked for again", async ({ page }) => {
  const me = await signedIn(page);
  const filters = page.locator("#filters");
  await filters.getByLabel("Text").fill("storefront");
  await filters.getByLabel("Category").selectOption("rollback");
  await filters.getByLabel("Severity at least").selectOption("medium");
  await filters.getByLabel("Actor").fill("Operator 2");
  await filters.getByRole("button", { name: "Filter" }).click();
  await expect(filters.getByLabel("Text")).toHaveValue("storefront");
  await expect(filters.getByLabel("Category")).toHaveValue("rollback");
  await expect(filters.getByLabel("Severity at least")).toHaveValue("medium");
  await expect(filters.getByLabel("Actor")).toHaveValue("Operator 2");
  // The way to somebody else's seat and back keeps the place.
  const here = new URL(page.url());
  await me.signIn(OPERATOR_2);
  expect(new URL(page.url()).search).toBe(here.search);
});

test("3.3.7: what was written into a form that is refused is still there", async ({ page }) => {
  const me = await signedIn(page, OPERATOR_2);
  await me.engine("POD Engine Bravo");
  const form = await me.asks("rollback", "Rollback package");
  const reason = form.getByLabel("Reason");
  await reason.fill("turned \u202e round");
  await form.getByRole("button").click();
  await expect(page.getByRole("alert")).toContainText("leave that character out");
  await expect(reason).toHaveValue("turned \u202e round");
});

test("3.3.8: signing in asks for nothing to be remembered, solved or copied", async ({ page }) => {
  await page.goto(`${demo.console}/sign-in`);
  await expect(page.locator("#main").locator("input:not([type=hidden]), textarea, img, canvas, audio, iframe")).toHaveCount(0);
  await expect(page.locator("button[data-persona]").first()).toBeEnabled();
});

test("forced colours and reduced motion", async ({ page }) => {
  await signedIn(page);
  for (const path of ["/", paths.find((path) => path.startsWith("/changes/"))]) {
    await page.goto(`${demo.console}${path}`);
    await bearsForcedColours(page);
    await focusIsNeverHidden(page);
    const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 1).length);
    expect(moving, "animations").toBe(0);
  }
  // States are told by words, not by colour alone.
  await page.goto(`${demo.console}/`);
  for (const chip of await page.locator("#chips .chip-text, #chips a").all()) await expect(chip).not.toBeEmpty();
});
