// The console alone, on a directory in which nothing ever was: the page's first words and not one event.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { test } from "../lib/demo.mjs";
import { PAGES_OF_NOTHING } from "../lib/pages.mjs";
import { saysItsPhrases } from "../lib/phrases.mjs";
import { freeBase } from "../lib/ports.mjs";
import { start } from "../lib/process.mjs";
import { bearsTextSpacing, reflows } from "../lib/wcag.mjs";
import { watch } from "../lib/watch.mjs";

const SOURCES = ["Governance", "Platform Services", "Node Runtime", "Engine Runtime", "Integration Control"];

let url;
let running;
let dir;

test.beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "countersign-e2e-empty-"));
  const base = await freeBase();
  running = start(["serve", "--only", "console", "--dir", dir, "--base-port", String(base)]);
  url = `http://localhost:${base + 8}`;
  await expect.poll(() => fetch(`${url}/healthz`).then((answer) => answer.ok, () => false), { timeout: 30_000 }).toBe(true);
});

test.afterAll(async () => {
  await running?.stop();
  rmSync(dir, { recursive: true, force: true });
});

test("every chip and row has its first words, and there is not one event", async ({ page, context }) => {
  const complaints = await watch(context, { console: url });
  await page.goto(url);
  await expect(page.locator("#chip-sources")).toHaveText("0/5 Live Sources");
  await expect(page.locator("#chip-updated")).toHaveText("Updated Awaiting first sync");
  await expect(page.locator("#chip-snapshot")).toHaveText("Loading Snapshot");
  await expect(page.locator("#chip-auto")).toHaveText("Auto 30s");
  await expect(page.locator("#chip-fallback")).toContainText("Fallback Snapshot");
  await expect(page.locator("#chip-mutation")).toContainText("Mutation blocked");
  await expect(page.locator("#last-update")).toContainText("Last update: Awaiting first live snapshot");
  await expect(page.locator("#live-snapshot")).toContainText("Loading the live local MCP snapshot.");
  for (const name of SOURCES) {
    const row = page.locator("#source-coverage li").filter({ has: page.getByRole("heading", { name, exact: true }) });
    await expect(row).toContainText("Awaiting local service response.");
    await expect(row).toContainText("Latency unknown");
    await expect(row).toContainText("offline", { timeout: 20_000 });
  }
  await saysItsPhrases(page, "fresh", url);
  await expect(page.locator("#events > li")).toHaveCount(0);
  await expect(page.locator("#audit-timeline [data-label]")).toHaveText("Awaiting first sync");
  // Nothing that looks like data: no time, no link to an entry.
  await expect(page.locator("#main time")).toHaveCount(0);
  await expect(page.locator("#main a[href^='/entries/']")).toHaveCount(0);
  complaints.none();
});

test("every page of nothing is accessible in light and dark, and reflows", async ({ page }) => {
  for (const path of PAGES_OF_NOTHING) {
    await page.goto(`${url}${path}`);
    await isAccessible(page);
    await reflows(page);
    await bearsTextSpacing(page);
  }
});
