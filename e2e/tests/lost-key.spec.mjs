// Each of four people loses their key; the other three give them another one, on the pages and by the lines they show.
import { copyFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { company } from "../lib/company.mjs";
import { once } from "../lib/process.mjs";

// Whose; who suspends it, asks, approves, runs; and the change that needs them afterwards: who asks, who else approves.
const LOSSES = [
  { whose: "Ada", suspend: ["Cy", "Di"], asks: "Cy", approve: ["Ben", "Di"], runs: "Ben", then: "deployment", by: ["Ben", "Cy"] },
  { whose: "Ben", suspend: ["Ada", "Di"], asks: "Di", approve: ["Ada", "Cy"], runs: "Ada", then: "deployment", by: ["Ada", "Cy"] },
  { whose: "Cy", suspend: ["Ada", "Ben"], asks: "Ada", approve: ["Ben", "Di"], runs: "Ada", then: "deployment", by: ["Ada", "Ben"] },
  { whose: "Di", suspend: ["Ada", "Cy"], asks: "Ben", approve: ["Ada", "Cy"], runs: "Ada", then: "rollback", by: ["Ada", "Ben"] },
];

test.describe.configure({ timeout: 300_000 });
let firm;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  firm = await company({ quick: true });
});
test.afterAll(() => firm?.stop());

/** A page of somebody's own browser, signed in by the line that the page for it shows. */
async function desk(browser, name) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${firm.url}/sign-in`);
  await page.goto(firm.paste(await page.locator("#login-command").textContent(), name).trim());
  await page.locator('button[data-action="sign-in-once"]').click();
  await expect(page.locator("#viewer")).toContainText(name);
  return page;
}

/** Pastes the line of a change's page that says a verb. */
async function says(page, name, change, verb, words = "") {
  const line = page.locator(".cli code").filter({ hasText: `countersign change ${verb} ` });
  // What was asked for on the command line a moment ago the console has to read first.
  await expect(async () => {
    await page.goto(`${firm.url}/changes/${change}`);
    await expect(line).toBeAttached({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  return firm.paste(`${await line.textContent()}${words}`, name);
}

/** The row of a person on the page Roster. */
async function entry(page, name) {
  await page.goto(`${firm.url}/roster`);
  return page.locator("#people tbody tr").filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${name}\\b`) }) });
}

async function suspends(page, by, whose) {
  await (await entry(page, whose)).getByRole("link", { name: /^Suspend/ }).first().click();
  await expect(page.locator('button[data-action="suspend"]')).toBeDisabled();
  const line = await page.locator(".cli code").textContent();
  firm.paste(line.replace("--reason WHY", "--reason 'key lost'"), by);
}

/** Whoever lost a key gets a link, and proves another one; what the inviter's page then tells to paste. */
async function invited(browser, page, whose) {
  await (await entry(page, whose)).getByRole("link", { name: /^Another key/ }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await page.locator("#invitation-link").textContent();
  await once(["key", "new", firm.key(`${whose}-2`)]);
  const theirs = await (await browser.newContext()).newPage();
  await theirs.goto(link);
  await expect(theirs.getByRole("main")).toContainText(`invites ${whose}`);
  const printed = firm.paste(await theirs.locator(".commands code").first().textContent(), `${whose}-2`);
  await theirs.getByLabel("What it printed").fill(printed);
  await theirs.getByRole("button", { name: "Send the proof" }).click();
  await expect(theirs.locator("#answered")).toContainText("you can close this page");
  await theirs.context().close();
  await page.goto(`${firm.url}/roster`);
  const answer = page.locator('.invitation[data-answered="true"]').filter({ hasText: whose });
  await expect(answer).toBeVisible();
  return answer.locator("code[data-copy]").textContent();
}

const opened = (printed) => /opened ([0-9a-f]{32})/.exec(printed)[1];

async function replaced(browser, loss) {
  const { whose, suspend, asks, approve, runs } = loss;
  const pages = {};
  const at = async (name) => (pages[name] ??= await desk(browser, name));
  for (const name of suspend) await suspends(await at(name), name, whose);
  await expect(async () => {
    const row = await entry(await at(suspend[1]), whose);
    await expect(row.locator('.key[data-suspended="true"]')).not.toHaveCount(0, { timeout: 1_000 });
  }).toPass();
  const line = await invited(browser, await at(asks), whose);
  const change = opened(firm.paste(line.replace("--reason WHY", "--reason 'key lost'"), asks));
  await says(await at(asks), asks, change, "seal");
  for (const name of approve) await says(await at(name), name, change, "approve");
  await expect.poll(async () => (await firm.read("change", "show", change)).cools_until ?? null).toBeNull();
  await says(await at(runs), runs, change, "run");
  await expect(pages[runs].locator("#acts")).toHaveAttribute("data-status", "effective");
  copyFileSync(firm.key(`${whose}-2`), firm.key(whose));
  for (const page of Object.values(pages)) await page.context().close();
}

/** A change that is sealed and approved by one of two: its id. */
async function half({ then, by: [asks, other] }, artifact) {
  const what = then === "deployment" ? ["--artifact", artifact] : [];
  const { id } = await firm.by(asks, "change", "new", "--kind", then, "--engine", "alpha", "--reason", "as before", ...what);
  await firm.by(asks, "change", "seal", id);
  await firm.by(other, "change", "approve", id);
  return id;
}

test("each of four people is given another key by the other three, and approves with it", async ({ browser }) => {
  const artifact = await firm.deployedTwice();
  for (const loss of LOSSES) {
    await test.step(`${loss.whose}'s key is lost`, async () => {
      await replaced(browser, loss);
      const change = await half(loss, artifact);
      const page = await desk(browser, loss.whose);
      await says(page, loss.whose, change, "approve");
      await expect(page.locator("#acts")).toHaveAttribute("data-status", "approved");
      await expect(page.locator('.approval[data-filled="true"]').filter({ hasText: loss.whose })).toHaveCount(1);
      await firm.by(loss.by[0], "change", "cancel", change);
      await page.context().close();
    });
  }
});
