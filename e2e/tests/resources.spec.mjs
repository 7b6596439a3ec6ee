// What an engine is bound to is published by upload, looked at, and asked for: all of it on the pages.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { test, useDemo } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { once } from "../lib/process.mjs";
import { reflows } from "../lib/wcag.mjs";

const demo = useDemo();
const THEME = fileURLToPath(new URL("../../crates/storefront/themes/acme-native/2026.03", import.meta.url));
const CONFIG = 'memory_mib = 256\n\n[values]\nCOUNTER = "blue"\n';
const POLICY =
  '[audit]\nyears = 7\n\n[billing]\nby = "finance-reviewer"\nwithin_days = 30\nstatements = ["memory"]\n\n[export]\nformats = ["csv"]\ndays = 90\n\n[data]\nthen = "destroy"\ndays = 45\n';

const dir = mkdtempSync(join(tmpdir(), "countersign-e2e-packed-"));
test.afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A folder with these files, packed. */
async function packed(name, files, options) {
  const folder = join(dir, name);
  mkdirSync(folder);
  for (const [path, text, mode] of files) writeFileSync(join(folder, path), text, { mode });
  const tar = join(dir, `${name}.tar`);
  await once(["artifact", "pack", folder, "-o", tar, "--product", name, "--version", "1", ...options]);
  return tar;
}

/** The form that publishes a sort, from the list of what is published. */
async function form(me, sort, title) {
  await me.open("/resources");
  await mouse.press(me.page.locator(`#sort-${sort}`).getByRole("link", { name: /^Publish/ }));
  await expect(me.page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  return me.page.locator("#form-publish");
}

async function operator(page) {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  return me;
}

test("a config and a retention policy are pasted or chosen, and what is wrong is said with its line", async ({ page }) => {
  const me = await operator(page);
  let fields = await form(me, "config", "Publish: config");
  await fields.getByLabel("Product").fill("storefront-alpha");
  await fields.getByLabel("Version").fill("77");
  await fields.getByLabel("Config").fill("memory_mib = 256\nmemory = 7\n");
  await fields.locator("button").click();
  await expect(page.getByRole("alert")).toContainText("the text:2: unknown field");
  await expect(page.locator("#publish-document-wrong")).toContainText("the text:2");
  await expect(fields.getByLabel("Version"), "what was written stays").toHaveValue("77");
  await isAccessible(page);
  await reflows(page);
  await fields.getByLabel("Config").fill(CONFIG);
  await fields.locator("button").click();
  await expect(page.getByRole("heading", { level: 1, name: "storefront-alpha 77" })).toBeVisible();
  await expect(page.locator("#history")).toContainText("Certified");
  await expect(page.locator("#content")).toContainText("COUNTER");

  fields = await form(me, "retention", "Publish: retention policy");
  await fields.getByLabel("Product").fill("retention-short");
  await fields.getByLabel("Version").fill("1");
  await fields.getByLabel("Name").fill("The short policy");
  await fields.getByLabel("Or a file").setInputFiles({ name: "short.toml", mimeType: "application/toml", buffer: Buffer.from(POLICY) });
  await fields.locator("button").click();
  await expect(page.getByRole("heading", { level: 1, name: "The short policy" })).toBeVisible();
  await expect(page.locator("#content")).toContainText("destroyed after 45 days");
  await isAccessible(page);
});

test("what follows a table keeps its distance, and a card's values stay in their column", async ({ page }) => {
  const me = await operator(page);
  for (const width of [1440, 820, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await me.open("/resources");
    const apart = await page.locator("#sort-artifact").evaluate((section) => {
      const table = section.querySelector(".table-scroll").getBoundingClientRect();
      return section.querySelector("p.held a").getBoundingClientRect().top - table.bottom;
    });
    expect(apart, `${width} px`).toBeGreaterThanOrEqual(8);
    const strays = await page.locator("#resources-artifact td[data-label=Version]").evaluateAll(
      (cells) => cells.filter((cell) => cell.querySelector(".tag").getBoundingClientRect().left < cell.firstElementChild.getBoundingClientRect().left).length,
    );
    expect(strays, `${width} px`).toBe(0);
  }
});

test("an artifact is uploaded and certified; what is none is refused", async ({ page }) => {
  const me = await operator(page);
  const fields = await form(me, "artifact", "Publish: artifact");
  await fields.getByLabel("Packed file").setInputFiles({ name: "no.tar", mimeType: "application/x-tar", buffer: Buffer.from("no tar") });
  await fields.locator("button").click();
  await expect(page.locator("#publish-file-wrong")).toContainText("not an artifact archive");
  const tar = await packed("hello", [["start.sh", "#!/bin/sh\nexec sleep 1\n", 0o755]], ["--entry", "start.sh", "--runtime", "storefront"]);
  await fields.getByLabel("Packed file").setInputFiles(tar);
  await fields.locator("button").click();
  await expect(page.getByRole("heading", { level: 1, name: "hello 1" })).toBeVisible();
  await me.sees((soon) => expect(page.locator("#history")).toContainText("Certified", soon));
  await expect(page.locator("#content")).toContainText("engines of runtime storefront");
  await expect(page.locator("#manifest")).toContainText("start.sh");
  await expect(page.locator("#manifest")).toContainText("Is healthy when");
  await expect(page.locator("#files-said")).toHaveText("1 file, 23 bytes in all.");
  await expect(page.locator("#files tbody tr")).toHaveCount(1);
  await isAccessible(page);
  await reflows(page);

  // Who keeps it is silent: that is said, and no list is empty.
  await demo.take("platform");
  await page.reload();
  // What was read once has this digest, whoever is silent now; whether it is still held is not known.
  await expect(page.locator("#files-said")).toHaveText("1 file, 23 bytes in all.");
  await expect(page.locator("#history")).toContainText("not known: Platform Services did not say");
  await isAccessible(page);
  const releases = await page.goto(`${demo.console}/resources`).then(() => page.getByRole("link", { name: "POD Storefront Core 2026.02", exact: true }).first().getAttribute("href"));
  await page.goto(`${demo.console}${releases}`);
  await expect(page.locator("#manifest-unknown")).toContainText("platform.unreachable");
  await expect(page.locator("#files")).toHaveCount(0);
  await isAccessible(page);
  await demo.give("platform");
});

test("a theme is uploaded, shown in a frame that cannot act, and bound by the form of a deployment", async ({ page }) => {
  const me = await operator(page);
  const bad = await packed("bad", [["theme.css", "a{color:red}\n@import url(https://evil.example/x.css);\n"]], ["--kind", "theme"]);
  let fields = await form(me, "theme", "Publish: client theme");
  await fields.getByLabel("Packed file").setInputFiles(bad);
  await fields.locator("button").click();
  await expect(page.getByRole("alert")).toContainText("theme.css:2:1: css.at_rule");
  await isAccessible(page);

  // As it comes with the product, under another name.
  const tar = join(dir, "theme.tar");
  await once(["artifact", "pack", THEME, "-o", tar, "--kind", "theme", "--product", "uploaded-theme", "--version", "9"]);
  await fields.getByLabel("Name").fill("Uploaded theme");
  await fields.getByLabel("Packed file").setInputFiles(tar);
  await fields.locator("button").click();
  await expect(page.getByRole("heading", { level: 1, name: "Uploaded theme" })).toBeVisible();
  await me.sees((soon) => expect(page.locator("#history")).toContainText("Certified", soon));

  // The frame shows the shop in its own colours and fonts, and does nothing.
  const asked = [];
  page.on("request", (request) => asked.push(request));
  await page.reload();
  await page.locator("#preview").scrollIntoViewIfNeeded();
  const frame = page.frameLocator("#preview");
  await expect(frame.locator(".hero").first()).toBeVisible();
  await expect(frame.locator("body")).toHaveCSS("background-color", "rgb(243, 241, 251)");
  await expect(page.locator("#preview")).toHaveAttribute("sandbox", "allow-same-origin");
  await frame.getByRole("button").first().click({ force: true });
  await expect(frame.locator(".hero").first(), "it leads nowhere").toBeVisible();
  const ofFrame = asked.filter((request) => request.frame() !== page.mainFrame());
  expect(ofFrame.length).toBeGreaterThan(2);
  expect(ofFrame.filter((request) => request.method() !== "GET" || !request.url().startsWith(`${page.url()}/preview`))).toEqual([]);
  const digest = await page.locator("#digest").textContent();
  const shown = await page.request.get(`${demo.console}/resources/${digest}/preview`);
  expect(shown.headers()["content-security-policy"]).toContain("sandbox allow-same-origin; default-src 'none'");
  expect(shown.headers()["set-cookie"]).toBeUndefined();

  await page.locator("#ask").getByRole("link", { name: "Deployment package…" }).click();
  fields = page.locator("#ask-deployment");
  await expect(fields.getByLabel("theme", { exact: false }).first()).toHaveValue(digest);
  await fields.locator("select[name=engine]").selectOption({ label: "POD Engine Bravo" });
  await fields.locator("[name=title]").fill("Bravo in the uploaded theme");
  await fields.locator("button").click();
  await expect(page.locator("#said")).toContainText("Draft opened");
  await expect(page.locator("#main")).toContainText("Uploaded theme");
});

test("a tenant and an engine are registered, and what is wrong is said at its field", async ({ page }) => {
  const me = await operator(page);
  await me.open("/tenants/new");
  await page.getByRole("textbox", { name: "Name" }).fill("Larkspur Press");
  await page.getByRole("button", { name: "Register the tenant" }).click();
  await expect(page).toHaveURL(/\/tenants$/);
  await me.open("/engines");
  await page.getByRole("link", { name: "Register an engine…" }).click();
  const fields = page.locator("#form-register-engine");
  // What it is called comes with the texts, a moment after the entry.
  await expect(async () => {
    await page.reload();
    await expect(fields.getByRole("option", { name: "Larkspur Press" })).toHaveCount(1, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await fields.getByLabel("Name", { exact: true }).fill("POD Engine Echo");
  await fields.getByLabel("Tenant").selectOption({ label: "Larkspur Press" });
  await fields.getByLabel("Port").fill(new URL(demo.shop("POD Engine Alpha")).port);
  await fields.getByLabel("Memory, MiB").fill("256");
  await fields.locator("button").click();
  await expect(page.locator("#register-engine-port-wrong")).toContainText("belongs to POD Engine Alpha");
  await isAccessible(page);
  await reflows(page);
  await fields.getByLabel("Port").fill("61001");
  await fields.locator("button").click();
  await expect(page.getByRole("heading", { level: 1, name: "POD Engine Echo" })).toBeVisible();
});
