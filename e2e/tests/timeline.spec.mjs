// The timeline with many rows: true counts, a pill that leads somewhere, nothing closed or lost by a refresh, and room for long words.
import { expect } from "@playwright/test";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { test, useDemo } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { watch } from "../lib/watch.mjs";

const MANY = 245;
const HELD = "Back to the 2026.02 storefront package";

const demo = useDemo();
const pill = (page) => page.locator("#new-events");
const label = (page) => page.locator("#audit-timeline [data-label]");
const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.localName);

async function signedIn(page) {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  return me;
}

/** Events of another system, as many as their titles. */
function events(titles, more = {}) {
  const event = { source: "ci.build", kind: "pipeline.finished", category: "reported", severity: "high" };
  return demo.event(titles.map((title) => ({ ...event, ...more, id: crypto.randomUUID(), title })));
}

const numbered = (n, title) => Array.from({ length: n }, (_, at) => `${title} ${at + 1}`);

test.beforeAll(async () => {
  await events(numbered(MANY, "Pipeline"));
});

test("a filter says how many events pass it, and which of them these are, on every page of them", async ({ page }) => {
  const complaints = await watch(page.context(), demo);
  const me = await signedIn(page);
  await me.open("/?category=reported");
  await expect(label(page)).toHaveText(`${MANY} events, 1–50`);
  await expect(page.locator("#searched"), "nothing was left out").toHaveCount(0);
  await page.locator("#older").click();
  await expect(label(page)).toHaveText(`${MANY} events, 51–100`);
  await expect(page.locator("#events .event-number").first()).toHaveText("51");
  for (const range of ["101–150", "151–200", "201–245"]) {
    await page.locator("#older").click();
    await expect(label(page)).toHaveText(`${MANY} events, ${range}`);
  }
  await expect(page.locator("#older")).toHaveCount(0);
  await me.open("/?category=reported&q=pipeline+7");
  await expect(label(page)).toHaveText("11 events");
  await expect(page.locator("#searched")).toHaveText(`Looked for these words in all ${MANY} events.`);
  complaints.none();
});

test("a filter is sent without the fields that were left empty, and leads back to the timeline", async ({ page }) => {
  await signedIn(page);
  await page.getByLabel("Category").selectOption("reported");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(label(page)).toContainText(`${MANY} events`);
  expect(new URL(page.url()).search).toBe("?category=reported");
  expect(await focused(page)).toBe("audit-timeline-title");
});

test("the pill counts what passes the page's filter, and nothing else", async ({ page }) => {
  const complaints = await watch(page.context(), demo);
  const me = await signedIn(page);
  await me.open("/?severity=critical");
  const before = await page.locator("#events > li").count();
  await events(["Not what is looked for"]);
  const other = await page.context().newPage();
  await other.goto(`${demo.console}/?category=reported`);
  await expect(label(other)).toContainText(`${MANY + 1} events`);
  await events(["Looked for", "Looked for as well"]);
  await expect(pill(other), "the page that looks for it hears of it").toHaveText("2 new events");
  await expect(pill(page), "the page that does not, has had the same time to").toBeHidden();
  await events(["Back it goes"], { severity: "critical" });
  await expect(pill(page)).toHaveText("1 new event");
  await pill(page).click();
  await expect(page.locator("#events > li").first()).toContainText("Back it goes");
  await expect(page.locator("#events > li")).toHaveCount(before + 1);
  await expect(pill(page)).toBeHidden();
  expect(await focused(page), "the reader is where the pill led").toBe("audit-timeline-title");
  await events(["Back it goes again"], { severity: "critical" });
  await expect(pill(page), "it counts on from there").toHaveText("1 new event");
  complaints.none();
});

test("on an older page the pill leads to the newest events", async ({ page }) => {
  const me = await signedIn(page);
  await me.open("/?category=reported");
  await page.locator("#older").click();
  await expect(page.locator("#newest")).toBeVisible();
  expect(await focused(page), "paging leads to the timeline, not to the top").toBe("audit-timeline-title");
  await expect(page.locator("#audit-timeline-title")).toBeInViewport();
  await events(["Newest of all"]);
  await expect(pill(page)).toHaveText("1 new event");
  await pill(page).click();
  await expect(page.locator("#newest")).toHaveCount(0);
  await expect(page.locator("#events > li").first()).toContainText("Newest of all");
  expect(await focused(page)).toBe("audit-timeline-title");
  expect(new URL(page.url()).search).toBe("?category=reported");
});

test("a refresh leaves open what is open, typed what is typed, and the focus where it is", async ({ page, browser }) => {
  const me = await signedIn(page);
  const context = await browser.newContext();
  const other = visitor(await context.newPage(), mouse, demo);
  await other.open();
  await other.signIn("Governance Operator 2");
  await other.change(HELD);
  await me.change(HELD);
  for (const summary of await page.locator("details > summary").all()) await summary.click();
  const open = await page.locator("details[open]").count();
  expect(open).toBeGreaterThan(3);
  await page.getByLabel("Reason").first().fill("half a sentence");
  const copy = page.locator("#acts button[data-action=copy]").first();
  await copy.focus();
  await page.locator("#change-body pre").first().evaluate((text) => {
    text.style.setProperty("max-height", "4rem");
    text.scrollTop = 30;
  });
  await other.say("hold", "Held");
  await expect(page.locator("#act-release")).toBeVisible();
  expect(await page.locator("details[open]").count()).toBe(await page.locator("details").count());
  await expect(copy).toBeFocused();
  await expect(page.getByLabel("Reason").first()).toHaveValue("half a sentence");
  await page.locator("#cli > summary").click();
  await other.say("release", "released");
  await expect(page.locator("#act-release")).toHaveCount(0);
  await expect(page.locator("#cli"), "what was closed stays closed").not.toHaveAttribute("open");
  await context.close();
});

test("a refresh of the first page leaves the focus where it is", async ({ page }) => {
  await signedIn(page);
  for (const selector of ["#source-coverage button[data-action=retry]", "#package-audit-trace .stage a", "#lifecycle-guardrails .item a", "#chips a"]) {
    const element = page.locator(selector).first();
    await element.focus();
    const read = page.waitForResponse((answer) => answer.request().headers()["hx-request"] !== undefined && !answer.url().includes("/live"));
    await events(["Arrived meanwhile"], { severity: "info" });
    await read;
    await expect(element, selector).toBeFocused();
  }
});

/** Words that a link of the navigation has on more than one line. */
const broken = () =>
  [...document.querySelectorAll("#nav a, #topbar .brand, #viewer a, #viewer button")].filter((link) => {
    const range = document.createRange();
    range.selectNodeContents([...link.childNodes].findLast((node) => node.textContent.trim()));
    return new Set([...range.getClientRects()].map((box) => Math.round(box.bottom))).size > 1;
  }).map((link) => link.textContent.trim());

test("1.4.10: no width breaks the navigation's words or pushes the page beyond the window", async ({ page }) => {
  await signedIn(page);
  // 720 and 683 are 1440 and 1366 at 200 %.
  for (const width of [1440, 1366, 1024, 992, 991, 900, 800, 799, 768, 720, 704, 703, 683, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate(broken), `broken at ${width}`).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `beyond the window at ${width}`).toBeLessThanOrEqual(0);
  }
});

test("compact rows keep time, actor and link in the window, however long a title is", async ({ page }) => {
  await events([`A title of two hundred characters ${"that goes on ".repeat(12)}`.slice(0, 200).trim()], { source: "a-source-with-quite-a-long-name.of-its-own.example" });
  await signedIn(page);
  await page.getByRole("button", { name: "Compact rows" }).click();
  for (const width of [1440, 1366, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const beyond = await page.locator("#events").evaluate((list) => {
      const edge = list.getBoundingClientRect().right + 16;
      const isBeyond = (part) => part.getBoundingClientRect().width < 8 || part.getBoundingClientRect().right > edge;
      return [...list.querySelectorAll("time, .event-actor, .event-change, .event-category, .event-severity")].filter(isBeyond).map((part) => part.outerHTML);
    });
    expect(beyond, `at ${width}`).toEqual([]);
  }
});

test("no number of other systems' events hides what a rule decided or when a package was sealed", async ({ page }) => {
  const me = await signedIn(page);
  const said = async () => {
    const guardrails = await page.locator("#lifecycle-guardrails .item-note").allTextContents();
    return { guardrails, times: await page.locator("#package-audit-trace .stage time").count() };
  };
  await expect(page.locator("#package-audit-trace .stage time").first()).toBeVisible();
  const before = await said();
  expect(before.guardrails[0]).toContain("Last decided: Deployment package approved for ");
  expect(before.times).toBeGreaterThan(3);
  await events(numbered(600, "Noise"));
  await expect.poll(async () => (await page.request.get(`${demo.console}/?q=Noise+600`)).text()).toContain("Noise 600");
  await me.open();
  await expect(label(page)).toContainText("1–50");
  expect(await said()).toEqual(before);
});
