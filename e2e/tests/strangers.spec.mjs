// What strangers write stays text: wherever somebody outside can write something, and wherever it is shown.
import { connect } from "node:net";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { OPERATOR_2, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { ALL, MARK, REFUSED, TEXTS, staysText } from "../lib/hostile.mjs";
import { everyPage } from "../lib/pages.mjs";
import { freeBase } from "../lib/ports.mjs";
import { start } from "../lib/process.mjs";
import { watch } from "../lib/watch.mjs";

const EVENT = { source: "ci.build", kind: "pipeline.finished", category: "reported", severity: "high" };
const AGENT = `Mozilla/5.0 "><script>window.hurt=1</script> {{7*7}}`;

const demo = shareDemo();
// Every page is asked for under a hostile name.
test.use({ userAgent: AGENT });

/** A page, what it complains about, and that no dialog ever opens on it. */
async function wary(page, url = demo.console, expected) {
  const complaints = await watch(page.context(), { console: url }, { expected });
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return () => {
    complaints.none();
    expect(dialogs).toEqual([]);
  };
}

async function signedIn(page) {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_2);
  return me;
}

test("events: what is not text is refused, whatever field it is in", async () => {
  const { events_size: before } = await demo.entries();
  for (const bad of REFUSED) {
    for (const field of ["id", "title", "description", "source", "kind"]) {
      const { status, text } = await demo.send({ ...EVENT, id: "1", title: "Built", [field]: bad });
      expect(status, `${field}: ${JSON.stringify(bad)}`).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(JSON.parse(text).error.code, text).toMatch(/^[a-z]+\.[a-z_]+$/);
    }
  }
  for (const field of ["source", "kind", "category", "severity", "tenant"]) {
    for (const bad of TEXTS) expect((await demo.send({ ...EVENT, id: "1", title: "Built", [field]: bad })).status, `${field}: ${bad}`).toBeGreaterThanOrEqual(400);
  }
  expect((await demo.entries()).events_size).toBe(before);
});

test("events: titles, descriptions and ids stay text on every page that shows them", async ({ page }) => {
  const isCalm = await wary(page);
  for (const text of TEXTS) {
    const { status } = await demo.send({ ...EVENT, id: text.slice(0, 120), title: text, description: text }, { "user-agent": AGENT, referer: "http://hurt.example/", cookie: `hurt="<script>"` });
    expect(status, text).toBe(200);
  }
  const me = await signedIn(page);
  await me.findsRows(async (soon) => {
    for (const text of TEXTS) await expect(page.locator("#events").getByRole("link", { name: text, exact: true }).first()).toBeVisible(soon);
  });
  await staysText(page);
  const hrefs = await page.locator("#events h3 a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  for (const [n, text] of TEXTS.toReversed().entries()) {
    await page.goto(`${demo.console}${hrefs[n]}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(text);
    await expect(page.locator("#verification")).not.toHaveAttribute("data-verdict", "not-yet");
    await staysText(page);
  }
  isCalm();
});

test("forms: titles and reasons stay text on every page that shows them, and so does what ends it", async ({ page }) => {
  const isCalm = await wary(page);
  const me = await signedIn(page);
  await me.engine("POD Engine Alpha");
  const form = await me.asks("deployment", "Deployment package");
  await form.getByLabel("Title").fill(ALL);
  await form.getByLabel("Reason").fill(ALL);
  await form.getByRole("button").click();
  await me.sees((soon) => expect(page.locator("#reason")).toContainText(ALL, soon));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(ALL);
  const change = new URL(page.url()).pathname;
  await staysText(page);
  for (const path of ["/", "/?all=1", "/changes", "/engines"]) {
    await page.goto(`${demo.console}${path}`);
    await staysText(page);
  }
  await page.goto(`${demo.console}${change}`);
  await page.locator("#act-cancel").getByLabel("Reason").fill(ALL);
  await me.say("cancel", "ancel");
  await me.sees((soon) => expect(page.locator("#ending")).toContainText(ALL, soon));
  await staysText(page);
  await page.goto(`${demo.console}/?all=1`);
  await staysText(page);
  isCalm();
});

test("addresses: parameters and path segments stay text", async ({ page }) => {
  // What a wrong path says is an error to the browser's console, and nothing else is.
  const isCalm = await wary(page, demo.console, /status of 404/);
  await signedIn(page);
  const hostile = encodeURIComponent(`"><script>window.hurt=1</script><img src=x onerror=window.hurt=1>{{7*7}}' hx-get=/`);
  const [change] = await demo.read("/v1/changes");
  const parameters = ["q", "category", "severity", "of", "actor", "from", "to", "engine", "before", "first", "all", "nonsense"].map((name) => `/?${name}=${hostile}`);
  const segments = ["/", "/changes/", "/engines/", "/entries/", "/entries/control/", `/entries/${hostile}/`, `/changes/${change.id}/`].map((path) => `${path}${hostile}`);
  const more = [`/sign-in?next=${hostile}`, `/changes/${change.id}?said=${hostile}`, `/engines/${change.engine}?said=${hostile}`];
  for (const path of [...parameters, ...segments, ...more]) {
    const answer = await page.goto(`${demo.console}${path}`);
    expect(answer.status(), path).toBeLessThan(500);
    expect(answer.headers()["content-type"], path).toContain("text/html");
    await staysText(page);
  }
  const control = encodeURIComponent("\u0000\u001b[31m\r\nSet-Cookie: hurt=1");
  for (const path of [`/?q=${control}`, `/changes/${control}`, `/${control}`, `/sign-in?next=${control}`]) {
    const answer = await page.goto(`${demo.console}${path}`);
    expect(answer.status(), path).toBeLessThan(500);
    expect(await answer.headerValue("set-cookie")).toBeNull();
  }
  isCalm();
});

test("sign-in leads to pages of our own only", async ({ page }) => {
  for (const next of ["//hurt.example", "https://hurt.example/", "/\\hurt.example", "\\\\hurt.example", "javascript:window.hurt=1", "/\t/hurt.example", "data:text/html,hurt", " //hurt.example"]) {
    await page.goto(`${demo.console}/sign-in?next=${encodeURIComponent(next)}`);
    await page.locator("button[data-persona]").first().click();
    await expect(page.locator("#viewer")).toContainText("Governance Operator");
    expect(page.url(), next).toBe(`${demo.console}/`);
  }
  expect(await page.evaluate(() => window.hurt)).toBeUndefined();
});

/** Sends bytes as they are; what came back. */
function bytes(request) {
  const { port } = new URL(demo.console);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(request.replace("HOST", `localhost:${port}`)));
    let text = "";
    socket.on("data", (part) => (text += part));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

test("headers: agents, referers and cookies come back nowhere", async () => {
  // Not the mark of the other tests: what they recorded is on the first page, which anybody reads here.
  const echo = "echoed";
  const values = [AGENT.replaceAll(MARK, echo), `\u001b[31m${echo}`, `${echo}\u0000`, `${echo}\u00e9`, echo.repeat(1_400)];
  for (const name of ["User-Agent", "Referer", "Cookie", "Accept-Language", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "HX-Current-URL", "X-Request-Id", "Traceparent"]) {
    for (const value of values) {
      for (const path of ["/", "/nowhere", "/sign-in"]) {
        const answer = await bytes(`GET ${path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n${name}: ${value}\r\n\r\n`);
        expect(answer, `${name} of ${path}`).toMatch(/^HTTP\/1\.1 (200|400|404|431)/);
        expect(answer.includes(echo), `${name}: ${JSON.stringify(value.slice(0, 40))} of ${path}`).toBe(false);
      }
    }
  }
});

test("names of people, tenants, engines and releases stay text, and so does what services say", async ({ page }) => {
  const dir = mkdtempSync(join(tmpdir(), "countersign-e2e-names-"));
  for (const part of ["console", "personas", "trust.json", "countersign.json", "serve.json", "keys"]) cpSync(join(demo.dir, part), join(dir, part), { recursive: true });
  rmSync(join(dir, "console/replica/lock"), { force: true });
  // The snapshot of a console is what its sources said: here all of them said something hostile.
  const snapshot = join(dir, "console/snapshot.json");
  const said = JSON.parse(readFileSync(snapshot, "utf8"), (key, value) => (typeof value === "string" && ["title", "sentence", "actor", "note", "why"].includes(key) ? ALL : value));
  for (const names of Object.values(said.governance.data.names)) for (const id of Object.keys(names)) if (typeof names[id] === "string") names[id] = ALL;
  writeFileSync(snapshot, JSON.stringify(said));
  const personas = demo.file.personas.map((persona) => ({ ...persona, name: ALL }));
  writeFileSync(join(dir, "demo.json"), JSON.stringify({ ...demo.file, personas }));

  const base = await freeBase();
  const alone = start(["serve", "--only", "console", "--dir", dir, "--base-port", String(base)]);
  const url = `http://localhost:${base + 8}`;
  try {
    await expect.poll(() => fetch(`${url}/healthz`).then((answer) => answer.ok, () => false)).toBe(true);
    const isCalm = await wary(page, url, /status of 404/);
    await page.goto(`${url}/sign-in`);
    await expect(page.locator("button[data-persona]").first()).toContainText(ALL);
    await staysText(page);
    await page.locator("button[data-persona]").first().click();
    await expect(page.locator("#viewer")).toContainText(ALL);
    for (const path of await everyPage(page, url)) {
      await page.goto(`${url}${path}`);
      await expect(page.locator("body")).toContainText(ALL);
      await staysText(page);
    }
    isCalm();
  } finally {
    await alone.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});

test("no log has a word of it, nor a byte that a terminal obeys", () => {
  const logs = readdirSync(demo.dir, { recursive: true }).filter((name) => name.endsWith(".log") && !name.endsWith("entries.log"));
  expect(logs.length).toBeGreaterThan(5);
  for (const name of logs) {
    const text = readFileSync(join(demo.dir, name), "latin1");
    expect(text.includes(MARK), `${name} has what a stranger wrote`).toBe(false);
    expect(/[\u0000-\u0008\u000b-\u001f]/.test(text), `${name} has control characters`).toBe(false);
  }
});
