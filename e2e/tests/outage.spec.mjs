// Real outages: what is shown is dated, what cannot be done says why, and all of it heals by itself.
import { expect } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { everyPage } from "../lib/pages.mjs";
import { saysItsPhrases } from "../lib/phrases.mjs";
import { reflows } from "../lib/wcag.mjs";

const ALL = ["governance", "platform", "node", "engine", "integration"];
const TITLE = "2026.03.1 storefront for POD Engine Alpha";

test.describe.configure({ mode: "serial" });
const demo = shareDemo();

const live = (page, n) => expect(page.locator("#chip-sources")).toHaveText(`${n}/5 Live Sources`);
const row = (page, id) => page.locator(`#source-coverage li#${id}`);
const section = (page, id) => page.locator(`section#${id}`);

/** Every source is back, without anybody loading the page again. */
async function heals(page) {
  await live(page, 5);
  await expect(page.locator("#chip-snapshot")).toHaveText(/^Live Local Snapshot/);
  await expect(page.locator("#chip-mutation")).toHaveText(/^Mutation enabled/);
}

test("Engine Runtime stops: 4/5, its data as a dated fallback, buttons that say why; and back", async ({ page, context }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await heals(page);
  const change = await context.newPage();
  const other = visitor(change, mouse, demo);
  await other.open();
  await other.change(TITLE);
  await expect(change.getByRole("button", { name: /^Run/ })).toBeEnabled();

  await demo.take("engine");
  await live(page, 4);
  await expect(page.locator("#chip-mutation")).toContainText("Mutation blocked");
  await expect(page.locator("#chip-mutation")).toContainText("Engine Runtime is offline");
  await expect(page.locator("#chip-fallback")).toContainText("shown for Engine Runtime");
  await page.reload();
  await expect(row(page, "engine")).toHaveAttribute("data-health", "offline");
  await expect(row(page, "engine").locator("[data-panel]")).toHaveAttribute("data-panel", "fallback");
  await expect(row(page, "engine")).toContainText(/Fallback snapshot · from .+ old/);
  await expect(section(page, "audit-timeline")).toHaveAttribute("data-panel", "live");

  await change.reload();
  const run = change.locator('button[data-action="run"]');
  await expect(run).toBeDisabled();
  await expect(run).toContainText("Engine Runtime is offline, its data is a fallback snapshot");
  // Who sends the form all the same is refused too.
  expect(await send(run)).toBe("data.fallback");
  // Stopping something rests on Governance alone.
  await expect(change.locator('button[data-action="hold"]')).toBeEnabled();

  await demo.give("engine");
  await heals(page);
  await change.reload();
  await expect(run).toBeEnabled();
});

/** Sends a button's form as a script would, whatever the button says; the code of the refusal that is shown. */
function send(button) {
  return button.evaluate(async (element) => {
    const { action } = element.form;
    const answer = await fetch(action, { method: "POST", body: new URLSearchParams(new FormData(element.form)) });
    return /id="refusal"[^>]*data-code="([^"]+)"/.exec(await answer.text())?.[1];
  });
}

test("Governance stops: a fresh browser still opens the page, dated and for reading; and back", async ({ page, browser }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await heals(page);
  const known = await demo.headlines();

  await demo.take("governance");
  await live(page, 4);
  await expect(page.locator("#chip-snapshot")).toHaveText(/^Fallback Snapshot shown .+ old$/);
  await expect(page.locator("#chip-mutation")).toContainText("Governance is offline");

  const context = await browser.newContext();
  const fresh = await context.newPage();
  const stranger = visitor(fresh, mouse, demo);
  await stranger.open();
  await live(fresh, 4);
  await expect(fresh.locator("#events > li"), "the demo visitor's too").toHaveCount(known.rows.length);
  await stranger.signIn(OPERATOR_1);
  await expect(section(fresh, "audit-timeline")).toHaveAttribute("data-panel", "fallback");
  await expect(fresh.locator("#events > li")).toHaveCount(known.rows.length);
  await expect(fresh.locator("#role-banner")).toContainText("Mutation blocked: Governance is offline");
  await stranger.change(TITLE);
  for (const verb of ["run", "hold"]) await expect(fresh.locator(`button[data-action="${verb}"]`)).toBeDisabled();
  await context.close();

  await demo.give("governance");
  await heals(page);
});

test("all five stop: 0/5, everything dated; and back", async ({ page, browser }) => {
  // Every page is looked at by axe in two colour schemes.
  test.setTimeout(300_000);
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await Promise.all(ALL.map(demo.take));
  await live(page, 0);

  const context = await browser.newContext();
  const fresh = await context.newPage();
  const stranger = visitor(fresh, mouse, demo);
  await stranger.open();
  await stranger.signIn(OPERATOR_1);
  await live(fresh, 0);
  await expect(fresh.locator("#source-coverage [data-label]")).toHaveText("offline");
  for (const id of ALL) {
    await expect(row(fresh, id)).toHaveAttribute("data-health", "offline");
    await expect(row(fresh, id)).toContainText(/It last answered .+ ago/);
    await expect(row(fresh, id)).toContainText(/Fallback snapshot · from .+ old/);
  }
  // No panel with data of a source calls itself live, and each says from when it is.
  const panels = await fresh.locator("#main section[data-panel]").evaluateAll((all) => all.map((one) => one.dataset.panel));
  expect(panels.length).toBeGreaterThan(5);
  expect(new Set(panels)).toEqual(new Set(["fallback"]));
  await expect(fresh.locator("#last-update time")).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT/);
  await saysItsPhrases(fresh, "fallback", demo.console);
  for (const path of await everyPage(fresh, demo.console)) {
    await fresh.goto(`${demo.console}${path}`);
    await isAccessible(fresh);
    await reflows(fresh);
  }
  await context.close();

  await Promise.all(ALL.map(demo.give));
  await heals(page);
});

test("the console itself goes: an open page says so, and from when it is; and back", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await me.open();
  await expect(page.locator("#lost")).toBeHidden();
  await expect(page.locator("#chip-sources")).toHaveText("5/5 Live Sources");
  await demo.take("console");
  await expect(page.locator("#lost")).toContainText("has lost its console");
  await expect(page.locator("#lost")).toContainText(/from \d+:\d\d:\d\d [AP]M ET/);
  await demo.give("console");
  await expect(page.locator("#lost")).toBeHidden();
});
