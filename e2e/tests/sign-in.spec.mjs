// Outside the demo nobody's key is in the console: one signs in with one's own, reads, and decides at the command line.
import { expect, test } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { company } from "../lib/company.mjs";
import { watch } from "../lib/watch.mjs";

let firm;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  firm = await company();
});
test.afterAll(() => firm?.stop());

const viewer = (page) => page.locator("#viewer");

/** Signs this page's browser in with the command that its sign-in page shows; the address it used. */
async function signIn(page, name) {
  await page.goto(`${firm.url}/sign-in`);
  const line = await page.locator("#login-command").textContent();
  expect(line).toContain(`--console ${firm.url} `);
  const address = firm.paste(line, name).trim();
  await page.goto(address);
  await page.locator('button[data-action="sign-in-once"]').click();
  await expect(viewer(page)).toContainText(name);
  return address;
}

test("one signs in with one's own key, and sees who one is and what was recorded", async ({ page, context }) => {
  const complaints = await watch(context, { console: firm.url });
  await page.goto(firm.url);
  await expect(page.locator("#demo-banner")).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("#events > li")).toHaveCount(0);
  await page.locator("#sign-in").click();
  await isAccessible(page);
  const address = firm.paste(await page.locator("#login-command").textContent(), "Ada").trim();
  await page.goto(address);
  const button = page.locator('button[data-action="sign-in-once"]');
  await expect(button).toContainText("Sign in as Ada");
  await expect(button).toContainText("Governance Operator");
  await isAccessible(page);
  await button.click();
  await expect(viewer(page)).toContainText("Ada");
  expect(new URL(page.url()).pathname).toBe("/");
  await expect(page.locator("#events > li").first()).toBeVisible();
  await page.goto(`${firm.url}/roster`);
  const you = page.locator("#people tr").filter({ hasText: "you" });
  await expect(you).toContainText("Ada");
  await expect(you).toContainText("Governance Operator");
  complaints.none();
});

test("who comes by a link to a page signs in, and comes back to it", async ({ page }) => {
  for (const path of ["/roster?x=1", "/entries/control/0", `/changes/${"0".repeat(32)}`]) {
    await page.context().clearCookies();
    await page.goto(`${firm.url}${path}`);
    if (path.startsWith("/roster")) await page.locator("#sign-in").click();
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await expect(page.locator("body")).not.toContainText("Refused");
    await isAccessible(page);
    await page.goto(firm.paste(await page.locator("#login-command").textContent(), "Di").trim());
    await page.locator('button[data-action="sign-in-once"]').click();
    await expect(viewer(page)).toContainText("Di");
    expect(page.url()).toBe(`${firm.url}${path}`);
  }
  await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
});

test("an address that is used a second time ends the session of the first, and both are told", async ({ page, browser }) => {
  const address = await signIn(page, "Cy");
  const elsewhere = await browser.newContext();
  const thief = await elsewhere.newPage();
  await thief.goto(address);
  await expect(thief.getByRole("alert")).toContainText("sign_in.spent");
  await isAccessible(thief);
  // Nothing has ended by looking.
  await page.goto(`${firm.url}/roster`);
  await expect(viewer(page)).toContainText("Cy");
  await thief.locator('button[data-action="end-session"]').click();
  await expect(thief.getByRole("alert")).toContainText("has been ended now");
  await expect(viewer(thief)).not.toContainText("Cy");
  await page.goto(`${firm.url}/changes`);
  await expect(page.getByRole("alert")).toContainText("used a second time");
  await expect(page.getByRole("alert")).toContainText("countersign login");
  await expect(viewer(page)).not.toContainText("Cy");
  await elsewhere.close();
});

test("the commands that a change's page shows decide it, as pasted", async ({ page }) => {
  const change = await firm.asked("Ada");
  await signIn(page, "Ben");
  await page.goto(`${firm.url}/changes/${change}`);
  const approve = page.locator('button[data-action="approve"]');
  await expect(approve).toBeDisabled();
  await expect(approve).toContainText("only you hold your key");
  await page.getByText("By command line").click();
  const line = (verb) => page.locator(".cli code").filter({ hasText: `countersign change ${verb} ` });
  await expect(line("approve")).toBeVisible();
  expect(firm.paste(await line("show").textContent())).toContain(change);
  firm.paste(await line("approve").textContent(), "Ben");
  const slot = page.locator('.approval[data-slot="governance-operator"]');
  await expect(slot).toHaveAttribute("data-filled", "true");
  await expect(slot).toContainText("Ben");
  // Another person's turn, with a reason that has to be written into the line.
  firm.paste((await line("reject").textContent()).replace("WHY", "'not this week'"), "Cy");
  await expect(page.locator("#acts")).toHaveAttribute("data-status", "rejected");
  await expect(page.locator("#ending")).toContainText("Cy rejected it as Finance Reviewer. Their reason: not this week");
});
