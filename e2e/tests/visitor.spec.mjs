// The first minutes of a demonstration: it is read without signing in, a persona is one press away, and no page claims what the ledger does not have.
import { expect } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { AUDITOR, FINANCE, OPERATOR_1, OPERATOR_2, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { keyboard, mouse } from "../lib/hands.mjs";
import { everyPage } from "../lib/pages.mjs";
import { once } from "../lib/process.mjs";
import { bearsTextSpacing, focusIsNeverHidden, hasTargetsLargeEnough, keepsWords, reflows } from "../lib/wcag.mjs";
import { watch } from "../lib/watch.mjs";

const TITLE = "2026.03.1 storefront for POD Engine Alpha";
const ROLLBACK = "Back to the 2026.02 storefront package";

// Every page, in several looks, is much for one test where other things run beside it.
test.describe.configure({ timeout: 300_000 });
const demo = shareDemo();
const name = (page) => page.locator("#viewer .viewer-name");

test("whoever comes reads every page as the demo visitor, and each is accessible", async ({ page }) => {
  const complaints = await watch(page.context(), demo, { expected: /status of 404/ });
  const me = visitor(page, mouse, demo);
  await me.open();
  await expect(name(page)).toHaveText("Demo visitor");
  await me.timelineShowsEveryHeadline();
  for (const path of await everyPage(page, demo.console)) {
    await page.goto(`${demo.console}${path}`);
    await expect(name(page)).toHaveText("Demo visitor");
    await expect(page.locator("#cast button")).toHaveText([OPERATOR_1, OPERATOR_2, FINANCE, AUDITOR].map((who) => `Sign in as ${who}`));
    await expect(page.locator("#demo-banner")).toContainText("holds the keys of these demo personas");
    await isAccessible(page);
  }
  complaints.none();
});

test("what the demo visitor sees reflows, keeps its words and can be reached", async ({ page }) => {
  for (const path of await everyPage(page, demo.console)) {
    await page.goto(`${demo.console}${path}`);
    await reflows(page, [320, 390]);
    await bearsTextSpacing(page);
    await hasTargetsLargeEnough(page);
    if (!/entries/.test(path)) await keepsWords(page);
  }
  // Where links stand in place of buttons.
  for (const path of ["/changes", "/engines"]) {
    await page.goto(`${demo.console}${path}`);
    await page.locator("tbody th a").first().click();
    await focusIsNeverHidden(page);
  }
});

test("where a privileged button would be, the visitor is told to sign in, is led there, and comes back", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.change(TITLE);
  const change = page.url();
  await expect(page.locator("#acts form")).toHaveCount(0);
  const run = page.getByRole("link", { name: "Run (sign in first)" });
  await run.click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await page.locator(`button[data-persona="${OPERATOR_1}"]`).click();
  expect(page.url()).toBe(change);
  await expect(page.getByRole("button", { name: /^Run/ })).toBeEnabled();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(name(page)).toHaveText("Demo visitor");
  for (const [kind, title] of [["rollback", "Rollback package"], ["deployment", "Deployment package"]]) {
    await me.engine("POD Engine Alpha");
    await me.asks(kind, title);
    await expect(page.locator("#ask form, #ask input")).toHaveCount(0);
    const ask = page.getByRole("link", { name: "Ask… (sign in first)" });
    await expect(ask).toHaveAttribute("href", new RegExp(`^/sign-in\\?next=%2Fchanges%2Fnew%3Fkind%3D${kind}`));
  }
});

test("a persona is one press away on every page, by mouse, by keyboard and without scripts", async ({ page, browser }) => {
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const without = await plain.newPage();
  const ways = [visitor(page, mouse, demo), visitor(page, keyboard(page), demo), visitor(without, mouse, demo, { scripts: false })];
  const paths = await everyPage(page, demo.console);
  for (const [n, path] of paths.entries()) {
    const me = ways[n % ways.length];
    await me.open(path);
    await me.signIn(FINANCE);
    const at = new URL(me.page.url());
    expect(at.pathname + at.search).toBe(path === "/sign-in" ? "/" : path);
    await expect(me.page.locator("#cast [aria-current]")).toHaveText(`Sign in as ${FINANCE}`);
    await me.signIn(AUDITOR);
  }
  await plain.close();
});

test("an address claims nothing: what was done is told once, from the ledger", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await me.change(ROLLBACK);
  const change = page.url();
  for (const verb of ["approve", "seal", "run", "draft", "hold", "release", "reject", "cancel", "withdraw"]) {
    await page.goto(`${change}?said=${verb}`);
    await expect(page.locator("#acts")).toBeVisible();
    await expect(page.locator("#said"), verb).toHaveCount(0);
  }
  await page.goto(change);
  await me.say("hold", "Held in entry");
  expect(page.url()).toBe(change);
  const [newest] = (await demo.entries()).rows;
  await page.locator("#said a").click();
  await expect(page).toHaveURL(`${demo.console}/entries/control/${newest.index}`);
  await expect(page.locator("#entry-change")).toHaveAttribute("href", new URL(change).pathname);
  await page.goto(change);
  await expect(page.locator("#acts")).toBeVisible();
  await expect(page.locator("#said")).toHaveCount(0);
  await me.say("release", "released");
});

test("a link on another site leads to its page and signs nobody out", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await me.change(ROLLBACK);
  const change = page.url();
  // Another site: browsers tell hosts apart, not ports.
  await page.goto(demo.shop("POD Engine Alpha"));
  await page.evaluate((href) => {
    const link = document.createElement("a");
    link.href = href;
    link.id = "elsewhere";
    link.textContent = "Look at this";
    document.body.prepend(link);
  }, change);
  await page.locator("#elsewhere").click();
  await expect(page.getByRole("heading", { level: 1, name: ROLLBACK })).toBeVisible();
  expect(page.url()).toBe(change);
  await expect(name(page)).toHaveText(OPERATOR_1);
});

test("the demonstration prints an address that signs in, and `demo open` another one", async ({ page }) => {
  const line = await once(["demo", "open", "--dir", demo.dir, "--as", FINANCE]);
  await page.goto(line.trim());
  const button = page.locator('button[data-action="sign-in-once"]');
  await expect(button).toContainText(`Sign in as ${FINANCE}`);
  await isAccessible(page);
  await button.click();
  await expect(name(page)).toHaveText(FINANCE);
});

test("the console is started again: an open page says that its session is over, and the next press offers the sign-in", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await me.change(ROLLBACK);
  const change = page.url();
  await expect(page.locator("#ended")).toBeHidden();
  await demo.take("console");
  await demo.give("console");
  await expect(page.locator("#ended")).toContainText(`You are not signed in as ${OPERATOR_1} here any more`);
  await isAccessible(page);
  await page.locator("#ended").getByRole("link").click();
  await expect(name(page)).toHaveText("Demo visitor");
  // Signed in, then the same again without having looked.
  await me.signIn(OPERATOR_1);
  const form = page.locator("#act-hold");
  await expect(form.getByRole("button")).toBeEnabled();
  await page.locator("#pause").click();
  await demo.take("console");
  await demo.give("console");
  await expect.poll(() => page.request.get(`${demo.console}/healthz`).then((answer) => answer.ok(), () => false)).toBe(true);
  await form.getByRole("button").click();
  await expect(page.locator("#why")).toContainText("has ended");
  await expect(page.locator("#main")).not.toContainText("csrf");
  await isAccessible(page);
  await page.locator(`button[data-persona="${OPERATOR_1}"]`).click();
  expect(page.url()).toBe(change);
  await expect(name(page)).toHaveText(OPERATOR_1);
});
