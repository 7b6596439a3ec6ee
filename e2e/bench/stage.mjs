// A whole demonstration outside of the test runner: a directory and ports of its own, ended with all it started.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium as playwright } from "@playwright/test";
import { chromium } from "../lib/chromium.mjs";
import { freeBase } from "../lib/ports.mjs";
import { left, once, start } from "../lib/process.mjs";

const READY_WITHIN_MS = 180_000;
const ASK_EVERY_MS = 200;

/** Resolves with the first answer of `ask` that is not empty; `what` names what never came. */
export async function until(what, ask, withinMs = READY_WITHIN_MS) {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what} did not come within ${withinMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

const text = async (url) => (await fetch(url)).text();

/** Runs `work` with a directory of its own and what `begin` started there; both are gone afterwards. */
async function within(begin, work) {
  const dir = mkdtempSync(join(tmpdir(), "countersign-page-"));
  const base = await freeBase();
  const running = start(begin(dir, String(base)));
  try {
    return await work({ dir, base, running });
  } finally {
    await running.stop();
    const rest = left(dir);
    rmSync(dir, { recursive: true, force: true });
    if (rest.length) throw new Error(`still running: ${rest}`);
  }
}

/** Runs `work` with a demonstration whose five sources all answer. */
export function withDemo(work) {
  return within(
    (dir, base) => ["demo", "--dir", dir, "--base-port", base],
    async ({ dir, running }) => {
      await running.says("ready after", READY_WITHIN_MS);
      const { console, services, tokens } = JSON.parse(readFileSync(join(dir, "demo.json"), "utf8"));
      const live = (n) => until(`${n}/5 live sources`, async () => (await text(console)).includes(`${n}/5 Live Sources`));
      await live(5);
      const take = (service) => once(["demo", "stop", service, "--dir", dir]);
      return work({ dir, console, services, tokens, live, take });
    },
  );
}

/** Runs `work` with a console alone, on a directory in which nothing ever was. */
export function withNothing(work) {
  return within(
    (dir, base) => ["serve", "--only", "console", "--dir", dir, "--base-port", base],
    async ({ base }) => {
      const console = `http://localhost:${base + 8}`;
      await until("five sources offline", async () => (await text(`${console}/sources`)).match(/<li class="source"[^>]*data-health="offline"/g)?.length >= 5);
      return work({ console });
    },
  );
}

/** Runs `work` with the system's own browser, which has no sandbox: as root it cannot have one. */
export async function withBrowser(work) {
  const args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];
  const browser = await playwright.launch({ executablePath: chromium(), args });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** Chooses a persona; the state of a browser that is signed in. */
export async function signIn(browser, console, persona) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${console}/sign-in`);
  await page.locator(`button[data-persona="${persona}"]`).click();
  await page.locator("#viewer [data-person]").waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}
