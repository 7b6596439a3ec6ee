// Tenants, quotas and AI leases, from the page and by command: asked for, flagged, escalated, approved, run, and shown.
import { expect } from "@playwright/test";
import { FINANCE, OPERATOR_1, OPERATOR_2, visitor } from "../lib/console.mjs";
import { test, useDemo } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { once } from "../lib/process.mjs";
import { watch } from "../lib/watch.mjs";

test.describe.configure({ mode: "serial", timeout: 300_000 });
const demo = useDemo();

const path = (page) => new URL(page.url()).pathname;
const key = (name) => demo.file.personas.find((persona) => persona.name === name).key_file;

/** What a command is refused with. */
async function refused(name, ...args) {
  const failed = await once([...args, "--key", key(name), "--dir", demo.dir]).then(
    (said) => Promise.reject(new Error(`it was taken: ${said}`)),
    (error) => error,
  );
  return `${failed.stderr}${failed.stdout}`;
}

const by = async (name, ...args) => JSON.parse(await once([...args, "--key", key(name), "--dir", demo.dir, "--json"]));

async function tenant(me, name) {
  await me.page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Tenants", exact: true }).click();
  await me.page.getByRole("rowheader", { name, exact: true }).getByRole("link").click();
  await expect(me.page.getByRole("heading", { level: 1, name })).toBeVisible();
}

test("Delta Market's flagged hybrid lease is approved by its people, run, raised for a time, and shown", async ({ page, context }) => {
  const complaints = await watch(context, demo);
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await tenant(me, "Delta Market");
  const row = page.locator('#leases tr[data-standing="waiting"]');
  await expect(row).toContainText("Finance Reviewer");
  await row.getByRole("link", { name: /Worker \+ Analyst, 15000 cycles a month/ }).click();
  await expect(page.locator("#lease-envelope")).toHaveAttribute("data-flagged", "true");
  await expect(page.locator("#lease-envelope")).toContainText("Finance Reviewer");
  const lease = path(page);
  await page.getByRole("link", { name: "the change that grants it" }).click();
  await me.say("approve", "Approval recorded");
  await me.isRefused("run", "Finance Reviewer");
  await me.signIn(FINANCE);
  await me.say("approve", "Approval recorded");
  await me.signIn(OPERATOR_1);
  await me.say("run", "Run recorded");
  await me.becomes("effective");
  await me.open(lease);
  await me.sees((soon) => expect(page.locator('#lease[data-standing="stands"]')).toBeVisible(soon));
  await me.sees((soon) => expect(page.locator("#lease-use")).toContainText("0 of 15000 cycles used, none reserved, 15000 left.", soon));

  // More cycles for a week: read-only until it is escalated, and who escalates does not approve.
  await me.signIn(OPERATOR_2);
  await page.locator("#ask-override").click();
  const form = page.locator("#ask-lease-override");
  await expect(form.getByLabel("AI lease").locator("option:checked")).toContainText("Delta Market");
  await form.getByLabel("Cycles").fill("20000");
  await form.getByLabel("For how long").fill("7d");
  await form.getByLabel("Reason").fill("A sale");
  await form.getByRole("button").click();
  await expect(page.locator("#said")).toContainText("Draft opened");
  await me.isRefused("seal", "escalate");
  await me.say("escalate", "Escalated");
  await me.say("seal", "Sealed");
  await me.isRefused("approve", "seal");
  await me.signIn(OPERATOR_1);
  await me.say("approve", "Approval recorded");
  await me.say("run", "Run recorded");
  await me.becomes("effective");
  await me.open(lease);
  await me.sees((soon) => expect(page.locator("#raised")).toContainText("Raised from 15000 to 20000 cycles until", soon));
  await me.sees((soon) => expect(page.locator("#lease-use")).toContainText("20000 left", soon));
  await tenant(me, "Delta Market");
  await expect(page.locator('#leases tr[data-standing="stands"]')).toContainText("Stands, raised by an override");

  const id = lease.split("/").pop();
  const shown = await by(OPERATOR_1, "lease", "show", id).catch(async () =>
    JSON.parse(await once(["lease", "show", id, "--dir", demo.dir, "--json"])),
  );
  expect([shown.cycles, shown.cycles_now, shown.stands]).toEqual([15000, 20000, true]);
  complaints.none();
});

test("a zone that nobody can count in is refused by name, and the page offers those there are", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_2);
  await tenant(me, "Acme");
  await page.locator("#ask-lease").click();
  const form = page.locator("#ask-lease-grant");
  await expect(form.getByLabel("Tenant").locator("option:checked")).toHaveText("Acme");
  const zones = await form.getByLabel("Time zone").getByRole("option").allTextContents();
  expect(zones).toContain("Europe/Berlin");
  await form.getByLabel("Class").selectOption({ label: "Worker" });
  await form.getByLabel("Cycles").fill("9007199254740991");
  await form.getByLabel("Time zone").selectOption("Europe/Berlin");
  await form.getByLabel("Purpose").fill("two words");
  await form.getByRole("button").click();
  await expect(page.getByRole("alert")).toContainText("To go on:");
  await expect(page.locator("#ask-lease-grant").getByLabel("Time zone").locator("option:checked"), "nobody writes it twice").toHaveText("Europe/Berlin");

  const { id: change } = await by(
    OPERATOR_2,
    ...["lease", "grant", "--tenant", "Acme", "--class", "worker", "--cycles", "100", "--period", "month"],
    ...["--zone", "Europe/Brlin", "--purpose", "merchandising"],
  );
  await me.open(`/changes/${change}`);
  await me.sees((soon) => expect(page.locator('#plan [data-code="lease.zone_unknown"]')).toContainText("Europe/Brlin", soon));
  await me.isRefused("seal", "Europe/Brlin");
  await expect(page.getByRole("alert")).toContainText("lease.zone_unknown");
  expect(await refused(OPERATOR_2, "change", "seal", change)).toContain("lease.zone_unknown");
});

test("what is used stands beside each limit, an exception is asked for with what is known, and Platform's silence is said", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await tenant(me, "Acme");
  await expect(page.locator('[data-limit="memory-mib"]')).toContainText(/^\d+ of 2048 MiB/);
  await expect(page.locator('[data-limit="engines"] meter')).toHaveAttribute("max", "4");
  for (const width of [1440, 820, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const at of ["/tenants", path(page)]) {
      await me.open(at);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over, `${at} at ${width} px`).toBe(0);
      // What is said of a lease goes on in the line in which its name ends.
      const broken = await page.locator(".lease-list a").evaluateAll((links) =>
        links.filter((link) => {
          const after = document.createRange();
          after.setStart(link.nextSibling, 0);
          after.setEnd(link.nextSibling, 1);
          return after.getBoundingClientRect().top >= [...link.getClientRects()].at(-1).bottom;
        }).length,
      );
      expect(broken, `${at} at ${width} px`).toBe(0);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await tenant(me, "Acme");
  await page.locator("#ask-quota").click();
  const form = page.locator("#ask-quota-exception");
  await expect(form.getByLabel("Tenant").locator("option:checked")).toHaveText("Acme");
  await form.getByLabel("Memory, MiB").fill("100");
  await form.getByLabel("For how long").fill("8h");
  await form.getByLabel("Reason").fill("A sale");
  await form.getByRole("button").click();
  await expect(page.getByRole("alert"), "it raises nothing").toContainText("quota.not_raised");
  await page.getByRole("alert").getByRole("link", { name: "The quota of Acme as it stands" }).click();
  await expect(page.locator("#quota")).toBeVisible();

  await tenant(me, "Acme");
  await page.locator('#leases tr[data-standing="stands"] th a').first().click();
  await me.sees((soon) => expect(page.locator('#lease-use [data-use="known"]')).toBeVisible(soon));
  await demo.take("platform");
  await me.sees((soon) => expect(page.locator('#lease-use [data-use="unknown"]')).toContainText("Platform Services gives no answer", soon));
  await demo.give("platform");
  await me.sees((soon) => expect(page.locator('#lease-use [data-use="known"]')).toBeVisible(soon));
});

test("the page of Bound Resources leads to the lease", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await page.locator("#bound-resources").getByRole("link", { name: "AI productivity lease attached" }).click();
  await expect(page.locator("#lease")).toContainText("Worker");
});
