// A whole demonstration: real services, real engines, a directory and ports of its own.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { freeBase } from "./ports.mjs";
import { left, once, start } from "./process.mjs";

const READY_WITHIN_MS = 120_000;

/** Files that use this `test` run in one worker, which has one demonstration for those that do not need their own. */
export const test = base.extend({
  shared: [
    async ({}, use) => {
      const demo = await build();
      await use(demo);
      await demo.stop();
    },
    { scope: "worker", timeout: READY_WITHIN_MS + 30_000 },
  ],
});

/** The worker's demonstration, for tests that leave it as they found it or say what they leave. */
export function shareDemo() {
  const demo = {};
  test.beforeAll(({ shared }) => void Object.assign(demo, shared));
  return demo;
}

/** A demonstration for the tests of one file; its fields are there once the first test runs. */
export function useDemo() {
  const demo = {};
  test.beforeAll(async () => {
    test.setTimeout(READY_WITHIN_MS + 30_000);
    Object.assign(demo, await build());
  });
  test.afterAll(async () => {
    test.setTimeout(60_000);
    await demo.stop?.();
  });
  return demo;
}

async function build() {
  const dir = mkdtempSync(join(tmpdir(), "countersign-e2e-"));
  const running = start(["demo", "--dir", dir, "--base-port", String(await freeBase())]);
  try {
    await running.says("ready after", READY_WITHIN_MS);
  } catch (error) {
    await running.stop();
    throw error;
  }
  const file = JSON.parse(readFileSync(join(dir, "demo.json"), "utf8"));
  const stop = async () => {
    const how = await running.stop();
    expect(how, running.said()).toBe(0);
    // The writer of a log ends by itself once what it served has ended.
    await expect.poll(() => left(dir), { message: "processes that outlive the demonstration", timeout: 30_000 }).toEqual([]);
    rmSync(dir, { recursive: true, force: true });
  };
  // Until its first probes are in, the page rightly refuses every button: the stories begin after that.
  await expect.poll(async () => (await fetch(file.console)).text(), { timeout: READY_WITHIN_MS }).toContain("5/5 Live Sources");
  const shop = (name) => file.engines.find((engine) => engine.name === name).url;
  return { dir, file, console: file.console, shop, stop, ...requests(file), ...outages(dir) };
}

/** Real outages, by the product's own command. */
function outages(dir) {
  const outage = (verb) => (service) => once(["demo", verb, service, "--dir", dir]);
  return { take: outage("stop"), give: outage("start") };
}

/** Governance, asked and told directly. */
function requests({ services, tokens }) {
  const api = async (path, token, more = {}) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(`${services.governance}${path}`, { headers, ...more });
    const text = await answer.text();
    expect(answer.ok, `${path}: ${answer.status} ${text}`).toBe(true);
    return JSON.parse(text);
  };
  return {
    /** Every headline there is, newest first. */
    headlines: () => api("/v1/entries?limit=200", tokens.read),
    /** The newest rows, headlines or not. */
    entries: () => api("/v1/entries?limit=200&all=true", tokens.read),
    /** Whatever Governance answers to a reader. */
    read: (path) => api(path, tokens.read),
    /** Records an event of another system. */
    event: (event) => api("/v1/events", tokens.ingest, { method: "POST", body: JSON.stringify(event) }),
    /** Sends the same, and tells how it was answered. */
    send: async (event, headers = {}) => {
      const answer = await fetch(`${services.governance}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${tokens.ingest}`, "content-type": "application/json", ...headers },
        body: JSON.stringify(event),
      });
      return { status: answer.status, text: await answer.text() };
    },
  };
}
