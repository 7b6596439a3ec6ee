// An engine's page: how far it is, what is bound to it, whether it can go back, and what it printed.
import { expect } from "@playwright/test";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { watch } from "../lib/watch.mjs";

const ALPHA = "POD Engine Alpha";

const demo = shareDemo();

test("stages, bound things, readiness and output of an engine", async ({ page }) => {
  const complaints = await watch(page.context(), demo);
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.engine(ALPHA);
  for (const stage of ["registered", "bound", "placed", "certified", "launched"]) {
    await expect(page.locator(`#stages [data-stage="${stage}"]`)).toHaveAttribute("data-state", "done");
  }
  await expect(page.locator('#bound [data-bound="artifact"] dd')).toContainText(/bound in entry \d+/);
  await expect(page.locator('#bound [data-bound="artifact"] a').first()).toHaveAttribute("href", /^\/resources\//);
  await expect(page.locator("#readiness [data-readiness]")).toHaveAttribute("data-readiness", "ok", { timeout: 60_000 });
  // What serves stands by for the deployment that waits: below it there is nothing to try.
  await expect(page.locator("#rehearse")).toHaveCount(0);
  // Who has not signed in may look and have nothing hashed.
  await expect(page.locator('#readiness [data-sign-in="verify"]')).toBeVisible();
  await expect(page.locator("#output pre, #output [data-notice=empty]").first()).toBeVisible();
  await expect(page.locator("#output [data-notice=failed]")).toHaveCount(0);
  complaints.none();
});

test("the bundle is verified on a word, and one byte that is damaged is said", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  await me.engine(ALPHA);
  const copy = page.locator('#copies [data-copy-of="artifact"][data-keeper="Platform Services"]');
  const verify = page.locator('button[data-action="verify"]');
  await mouse.press(verify);
  await expect(copy).toHaveAttribute("data-state", "whole");
  const first = await copy.locator("time").getAttribute("datetime");
  await mouse.press(verify);
  await expect(copy.locator("time")).not.toHaveAttribute("datetime", first);

  // Every archive that a rollback could need has one byte more.
  const dir = join(demo.dir, "platform/artifacts/archives");
  const kept = readdirSync(dir).map((name) => join(dir, name));
  const good = kept.map((path) => readFileSync(path));
  for (const [n, path] of kept.entries()) {
    const bad = Buffer.from(good[n]);
    bad[bad.length >> 1] ^= 1;
    chmodSync(path, 0o600);
    writeFileSync(path, bad);
  }
  await mouse.press(verify);
  await expect(copy).toHaveAttribute("data-state", "damaged");
  await expect(page.locator("#readiness [data-readiness]")).toHaveAttribute("data-readiness", "not");
  await expect(page.locator('#readiness [data-check="artifact"]')).toContainText("its bytes have another SHA-256");
  for (const [n, path] of kept.entries()) writeFileSync(path, good[n]);
  await mouse.press(verify);
  await expect(copy).toHaveAttribute("data-state", "whole");
  await expect(page.locator("#readiness [data-readiness]")).toHaveAttribute("data-readiness", "ok");
});
