// A colleague is invited by a link, proves a key, and joins once others have countersigned.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { keyboard, mouse } from "../lib/hands.mjs";
import { once } from "../lib/process.mjs";
import { watch } from "../lib/watch.mjs";
import { focusIsNeverHidden, keepsWords, reflows } from "../lib/wcag.mjs";

const demo = shareDemo();
let home;
test.beforeAll(() => void (home = mkdtempSync(join(tmpdir(), "countersign-e2e-invited-"))));
test.afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What a command that the page shows prints at the invited one's own machine, with a key of their own. */
async function proves(command, name) {
  const key = join(home, name);
  await once(["key", "new", key]);
  if (command.startsWith("countersign ")) return once([...command.split(" ").slice(1, -1), key]);
  return execFileSync("sh", ["-c", command.replace("~/.ssh/id_ed25519", key)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** Invites somebody; the link. */
async function invites(me, hand, name) {
  await hand.press(me.page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Roster" }));
  await hand.press(me.page.getByRole("link", { name: "Invite a person…" }));
  const form = me.page.locator("#invite");
  await hand.write(form.getByLabel("Name"), name);
  const role = form.getByLabel("Finance Reviewer");
  if (hand === mouse) await role.check();
  else {
    while (!(await role.evaluate((box) => box === document.activeElement))) await me.page.keyboard.press("Tab");
    await me.page.keyboard.press("Space");
  }
  await hand.press(form.getByRole("button"));
  await expect(me.page.getByRole("heading", { level: 1, name: `Invitation for ${name}` })).toBeVisible();
  return me.page.locator("#invitation-link").textContent();
}

/** The whole way of a link, from its making to the sealed draft; `nth` is the command that proves the key. */
async function story({ browser, scripts, name, nth, look = async () => {} }) {
  const mine = await browser.newContext({ javaScriptEnabled: scripts });
  const theirs = await browser.newContext({ javaScriptEnabled: scripts });
  const complaints = [await watch(mine, demo, { scripts }), await watch(theirs, demo, { scripts, expected: /409/ })];
  const page = await mine.newPage();
  const hand = name === "Keyla" ? keyboard(page) : mouse;
  const me = visitor(page, hand, demo, { scripts });
  await me.open();
  await me.signIn(OPERATOR_1);
  const link = await invites(me, hand, name);
  await look(page);

  const invited = await theirs.newPage();
  const their = name === "Keyla" ? keyboard(invited) : mouse;
  await invited.goto(link);
  await expect(invited.getByRole("main")).toContainText(`${OPERATOR_1} invites ${name}`);
  await expect(invited.locator("#invited")).toContainText("Finance Reviewer");
  await look(invited);
  const field = invited.getByLabel("What it printed");
  await their.write(field, "no proof");
  await their.press(invited.getByRole("button", { name: "Send the proof" }));
  await expect(invited.getByRole("alert")).toContainText("paste all that it printed");
  await look(invited);
  const printed = await proves(await invited.locator(".commands code").nth(nth).textContent(), name);
  if (their === mouse) await field.fill(printed);
  else await their.write(field, printed);
  await their.press(invited.getByRole("button", { name: "Send the proof" }));
  await expect(invited.locator("#answered")).toContainText("2 people must countersign");
  await expect(invited.locator("#answered")).toContainText("you can close this page");
  await look(invited);
  const digits = await invited.locator("#answered").getAttribute("data-key");
  await invited.context().clearCookies();
  await invited.goto(link);
  await expect(invited.getByRole("alert")).toContainText("invitation.used");

  await hand.press(page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Roster" }));
  const answer = page.locator(".invitation").filter({ has: page.getByRole("heading", { name, exact: true }) });
  await expect(answer).toContainText(digits);
  await look(page);
  await hand.write(answer.getByLabel("Reason"), `${name} joins`);
  await hand.press(answer.getByRole("button", { name: "Open the draft" }));
  await expect(page.locator("#said")).toContainText("Draft opened");
  await me.say("seal", "Sealed");
  await expect(page.locator("#reason")).toContainText(`${name} joins`);
  await hand.press(page.locator('button[data-action="cancel"]'));
  await me.becomes("cancelled");
  complaints.forEach((each) => each.none());
  await mine.close();
  await theirs.close();
}

test("by mouse, with stock ssh-keygen; every page of it is accessible, on a phone too", async ({ browser }) => {
  const look = async (page) => {
    await isAccessible(page);
    await reflows(page);
    await keepsWords(page);
    await focusIsNeverHidden(page);
  };
  await story({ browser, scripts: true, name: "Moira", nth: 1, look });
});

test("by keyboard alone, with our own command", async ({ browser }) => {
  await story({ browser, scripts: true, name: "Keyla", nth: 0 });
});

test("without scripts", async ({ browser }) => {
  await story({ browser, scripts: false, name: "Nora", nth: 1 });
});

/** A page of somebody who asks for changes. */
async function asker(page) {
  const complaints = await watch(page.context(), demo);
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  return { me, complaints };
}

test("a machine identity is asked for with a proof of its key", async ({ page }) => {
  const { me, complaints } = await asker(page);
  await me.open("/roster");
  await page.getByRole("link", { name: "A machine identity joins…" }).click();
  await page.locator("details.cli summary").click();
  const command = await page.locator(".commands code").first().textContent();
  const printed = await proves(command, "ci");
  const form = page.locator("#ask-roster-change");
  await form.getByLabel("Name").fill("ci.nightly");
  await form.getByLabel("Proof of its key").fill(printed);
  await isAccessible(page);
  await form.getByRole("button").click();
  await expect(page.locator("#said")).toContainText("Draft opened");
  await expect(page.locator("#plan-facts")).toContainText("ci.nightly");
  await page.locator('button[data-action="cancel"]').click();
  await me.becomes("cancelled");
  complaints.none();
});

test("what a form says must approve follows what is chosen in it", async ({ page }) => {
  const { me, complaints } = await asker(page);
  const required = page.locator("#required");
  await me.open("/changes/new?kind=external");
  await expect(required).toContainText("the role it names as “Second approver”");
  await page.getByLabel("Support Auditor").check();
  await expect(required).toContainText("approved by Governance Operator + Support Auditor,");
  await page.getByLabel("Finance Reviewer").check();
  await expect(required).toContainText("Governance Operator + Finance Reviewer or Support Auditor,");
  await me.open("/changes/new?kind=settings-change");
  await expect(required).toContainText("For Rules, Kinds of change: opened by a Governance Operator");
  await page.locator('#ask-settings-change select[name="name"]').selectOption("rules");
  await expect(required).toContainText("approved by Governance Operator + Finance Reviewer + Support Auditor,");
  await isAccessible(page);
  complaints.none();
});
