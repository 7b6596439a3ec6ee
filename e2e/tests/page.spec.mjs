// The page while all is well: live within a second, and it can be told to hold still.
import { expect } from "@playwright/test";
import { OPERATOR_1, OPERATOR_2, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { watch } from "../lib/watch.mjs";

const ROLLBACK = "Back to the 2026.02 storefront package";

const demo = shareDemo();

async function signedIn(page, name = OPERATOR_1) {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(name);
  return me;
}

test("a new entry shows within a second, as a pill, and moves nothing", async ({ page, browser }) => {
  const complaints = await watch(page.context(), demo);
  await signedIn(page);
  const held = await (await browser.newContext()).newPage();
  const other = await signedIn(held, OPERATOR_2);
  await other.change(ROLLBACK);

  const read = page.locator("#events > li").nth(6);
  await read.evaluate((row) => row.scrollIntoView({ block: "start" }));
  await page.evaluate(() => {
    window.kept = document.getElementById("events");
  });
  const before = await read.boundingBox();
  const text = await page.locator("#events").textContent();
  const pill = page.locator("#new-events");
  await expect(pill).toBeHidden();

  const delays = [];
  for (const [n, verb] of ["hold", "release", "hold"].entries()) {
    const words = n === 0 ? "1 new event" : `${n + 1} new events`;
    const shown = page.evaluate(
      (words) =>
        new Promise((resolve) => {
          const pill = document.getElementById("new-events");
          const look = () => {
            if (pill.hidden || pill.textContent !== words) return;
            watcher.disconnect();
            resolve(Date.now());
          };
          const watcher = new MutationObserver(look);
          watcher.observe(pill, { attributes: true, childList: true, characterData: true, subtree: true });
          look();
        }),
      words,
    );
    await other.say(verb, verb === "hold" ? "Held" : "released");
    const recorded = Date.parse((await demo.headlines()).rows[0].at);
    delays.push((await shown) - recorded);
  }
  const median = delays.toSorted((one, two) => one - two)[1];
  expect(median, `from recorded to shown, ms: ${delays}`).toBeLessThanOrEqual(1_000);

  const after = await read.boundingBox();
  expect(Math.abs(after.y - before.y), "moved by, px").toBeLessThan(1);
  expect(await page.locator("#events").textContent()).toBe(text);
  expect(await page.evaluate(() => window.kept === document.getElementById("events"))).toBe(true);
  await pill.click();
  await expect(page.locator("#events > li").first()).toContainText("Change held for POD Engine Bravo");
  await expect(pill).toBeHidden();
  await expect(page.locator("#announce")).toHaveText("3 new events");
  complaints.none();
  await held.context().close();
});

test("2.2.2: auto-refresh can be paused, and stays so; what is read is not read again", async ({ page }) => {
  await signedIn(page);
  const asked = [];
  page.on("request", (request) => request.headers()["hx-request"] && asked.push(request.url()));
  await page.getByRole("button", { name: "Pause auto-refresh" }).click();
  await expect(page.getByRole("button", { name: "Resume auto-refresh" })).toBeVisible();
  await page.reload();
  const resume = page.getByRole("button", { name: "Resume auto-refresh" });
  await expect(resume).toHaveAttribute("aria-pressed", "true");
  await page.evaluate(() => {
    window.kept = document.getElementById("panels").innerHTML + document.getElementById("events").innerHTML;
  });
  const event = { source: "ci.build", kind: "pipeline.finished", category: "reported", severity: "high" };
  await demo.event({ ...event, id: crypto.randomUUID(), title: "Arrived while paused" });
  await expect.poll(async () => (await page.request.get(demo.console)).text()).toContain("Arrived while paused");
  await expect(page.locator("#new-events")).toBeHidden();
  expect(await page.evaluate(() => window.kept === document.getElementById("panels").innerHTML + document.getElementById("events").innerHTML)).toBe(true);
  expect(asked.filter((url) => !url.endsWith("/live") && !url.includes("/live?"))).toEqual([]);
  await resume.click();
  await expect(page.getByRole("button", { name: "Pause auto-refresh" })).toBeVisible();
  await expect(page.locator("#new-events"), "what was held back is said at once").toHaveText("1 new event");
});

test("2.2.2: while it is paused the chips hold still too", async ({ page }) => {
  await signedIn(page);
  await page.getByRole("button", { name: "Pause auto-refresh" }).click();
  const other = await page.context().newPage();
  await other.goto(demo.console);
  await other.evaluate(() => localStorage.removeItem("countersign-paused"));
  await other.reload();
  await demo.take("node");
  await expect(other.locator("#chip-sources")).toHaveText("4/5 Live Sources");
  await expect(page.locator("#chip-sources")).toHaveText("5/5 Live Sources");
  await demo.give("node");
  await expect(other.locator("#chip-sources")).toHaveText("5/5 Live Sources");
});

test("a new entry moves nothing for who reads at the very top either", async ({ page }) => {
  await signedIn(page);
  await page.setViewportSize({ width: 1280, height: 1400 });
  await page.evaluate(() => window.scrollTo(0, 0));
  const row = page.locator("#events > li").first();
  const before = await row.boundingBox();
  const event = { source: "ci.build", kind: "pipeline.finished", category: "reported", severity: "high" };
  await demo.event({ ...event, id: crypto.randomUUID(), title: "Arrived above" });
  await expect(page.locator("#new-events")).toBeVisible();
  expect((await row.boundingBox()).y).toBeCloseTo(before.y, 0);
});
