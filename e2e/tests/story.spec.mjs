// The whole story, three times: by mouse, by keyboard alone, and without scripts.
import { expect } from "@playwright/test";
import { AUDITOR, FINANCE, OPERATOR_1, OPERATOR_2, visitor } from "../lib/console.mjs";
import { test, useDemo } from "../lib/demo.mjs";
import { keyboard, mouse } from "../lib/hands.mjs";
import { once } from "../lib/process.mjs";
import { watch } from "../lib/watch.mjs";

const ALPHA = "POD Engine Alpha";
const RELEASE = "POD Storefront Core 2026.03.1";

// Each story leaves the engine where the next one finds it.
test.describe.configure({ mode: "serial", timeout: 300_000 });
const demo = useDemo();

/** Asks for the way back with a reason, and goes it; who may not is refused on screen. */
async function goBack(me, reason) {
  await me.engine(ALPHA);
  await me.askRollback(reason);
  await me.say("seal", "Sealed");
  const change = new URL(me.page.url()).pathname;
  await me.isRefused("approve", "seal");

  await me.signIn(OPERATOR_1);
  expect(new URL(me.page.url()).pathname).toBe(change);
  await me.say("approve", "Approval recorded");
  await me.isRefused("approve", "already");
  await me.isRefused("run", "Support Auditor");

  await me.signIn(AUDITOR);
  await me.say("approve", "Approval recorded");
  await me.signIn(OPERATOR_2);
  await me.say("run", "Run recorded");
  await me.becomes("effective");
}

/** Opens a deployment, has it approved by two people and runs it. */
async function deploy(me, title) {
  await me.engine(ALPHA);
  await me.askDeployment(RELEASE, title);
  await me.say("seal", "Sealed");
  await me.signIn(OPERATOR_1);
  await me.say("approve", "Approval recorded");
  await me.signIn(FINANCE);
  await me.say("approve", "Approval recorded");
  await me.signIn(OPERATOR_1);
  await me.say("run", "Run recorded");
  await me.becomes("effective");
}

test("by mouse: the prepared deployment is run, and taken back by two people with a reason", async ({ page, context }) => {
  const complaints = await watch(context, demo);
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await me.shopShows("2026.02");
  await me.change("2026.03.1 storefront for POD Engine Alpha");
  await me.say("run", "Run recorded");
  await me.becomes("effective");
  await me.shopShows("2026.03.1");

  await me.signIn(OPERATOR_2);
  await goBack(me, "Checkout errors after the release");
  await me.shopShows("2026.02");
  await me.timelineShowsEveryHeadline();
  const trace = page.locator("#package-audit-trace");
  await expect(trace, "what was taken back does not serve").toContainText("another bundle serves now");
  for (const what of ["package staged", "package approved", "package run", "effective"]) {
    await expect(page.getByRole("link", { name: `Rollback ${what} for ${ALPHA}` })).toBeVisible();
  }
  complaints.none();
});

test("by keyboard alone: a deployment is opened, approved, run and taken back", async ({ page, context }) => {
  const complaints = await watch(context, demo);
  const me = visitor(page, keyboard(page), demo);
  await me.open();
  await me.signIn(OPERATOR_2);
  await deploy(me, "By keyboard");
  await me.shopShows("2026.03.1");
  await me.signIn(OPERATOR_2);
  await goBack(me, "Found without a mouse");
  await me.shopShows("2026.02");
  await me.timelineShowsEveryHeadline();
  complaints.none();
});

test("without scripts: a deployment is opened, approved, run and taken back", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const complaints = await watch(context, demo, { scripts: false });
  const me = visitor(await context.newPage(), mouse, demo, { scripts: false });
  await me.open();
  await me.signIn(OPERATOR_2);
  await deploy(me, "Without scripts");
  await me.shopShows("2026.03.1");
  await me.signIn(OPERATOR_2);
  await goBack(me, "Found without scripts");
  await me.shopShows("2026.02");
  await me.timelineShowsEveryHeadline();
  complaints.none();
  await context.close();
});

test("what came since a page was read is not approved by pressing its button", async ({ page, context }) => {
  const complaints = await watch(context, demo);
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_2);
  await me.engine(ALPHA);
  await me.askDeployment(RELEASE, "Read and then redrawn");
  await me.say("seal", "Sealed");
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await me.signIn(OPERATOR_1);
  const follows = await context.newPage();
  await follows.goto(page.url());
  // A page that is paused keeps its buttons as they were read, those that were off because a probe was late too.
  await expect(page.locator('button[data-action="approve"]')).toBeEnabled();
  await page.locator("#pause").click();
  const read = await page.locator("#fingerprint").textContent();

  // Its author draws another one behind the page that is being read.
  const { key_file: key } = demo.file.personas.find(({ name }) => name === OPERATOR_2);
  const author = (...args) => once(["change", ...args, "--key", key, "--dir", demo.dir, "--json"]);
  const { artifact } = (await demo.read(`/v1/changes/${id}`)).artifact;
  await author("new", "--kind", "deployment", "--engine", "alpha", "--artifact", artifact, "--change", id);
  await author("seal", id);
  await expect(page.locator("#fingerprint")).toHaveText(read);
  // A page that follows shows the new one and asks about the new one.
  const asks = follows.locator('#act-approve input[name="package"]');
  await expect(follows.locator("#fingerprint")).not.toHaveText(read);
  const shows = await follows.locator('.document[data-object="package"]').getAttribute("data-digest");
  await expect(asks).toHaveValue(shows);
  await follows.close();
  await me.isRefused("approve", "another one than you were shown: revision 2");
  const { slots } = await demo.read(`/v1/changes/${id}`);
  expect(slots.map(({ person }) => person ?? null)).toEqual([null, null]);
  await expect(page.locator('.approval[data-filled="true"]')).toHaveCount(0);

  // The refusal came with the page as it is now; it can be approved, once it follows again.
  await expect(page.locator("#fingerprint")).not.toHaveText(read);
  await page.locator("#pause").click();
  await me.say("approve", "Approval recorded");
  await author("cancel", id);
  complaints.none();
});
