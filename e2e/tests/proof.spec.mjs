// Proofs checked in the reader's own browser, and requests that no page of ours would send.
import { request as raw } from "node:http";
import { expect } from "@playwright/test";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { everyPage } from "../lib/pages.mjs";

const demo = shareDemo();

async function signedIn(page) {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  return me;
}

const other = (base64) => (base64 === "AAAA" ? "BBBB" : "AAAA");
const verification = (page) => page.locator("#verification");

test("an entry's proof is verified in the browser", async ({ page }) => {
  await signedIn(page);
  await page.locator("#events h3 a").first().click();
  await expect(verification(page)).toHaveAttribute("data-verdict", "verified-this-server-only");
  await expect(page.locator("#verdict")).toHaveText("Verified against this server only (no witness).");
  await expect(page.locator("#checks > li")).toHaveCount(4);
  await expect(page.locator('#checks > li[data-held="true"]')).toHaveCount(4);
});

test("an entry that was altered on its way is found out", async ({ page }) => {
  await signedIn(page);
  const hrefs = await page.locator("#events h3 a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  // Of an even one and the one before it the proofs have other shapes.
  const href = hrefs.find((one) => /control\/\d*[02468]$/.test(one));
  const index = href.split("/").pop();
  for (const alter of [
    (html) => html.replace(/(<pre [^>]*id="leaf"[^>]*>)(.)/, "$1 $2"),
    // Another key's id before the signature, and another signature behind it.
    (html) => html.replace(/(\n— \S+ )(....)/, (_, name, start) => name + other(start)),
    (html) => html.replace(/(\n— \S+ .{20})(....)/, (_, before, part) => before + other(part)),
    (html) => html.replace(/\nindex (\d+)\n/, (_, n) => `\nindex ${Number(n) - 1}\n`),
  ]) {
    await page.route(`**${href}`, async (route) => {
      const answer = await route.fetch();
      const honest = await answer.text();
      const altered = alter(honest);
      expect(altered).not.toBe(honest);
      await route.fulfill({ response: answer, body: altered });
    });
    await page.goto(`${demo.console}${href}`);
    await expect(verification(page)).toHaveAttribute("data-verdict", "failed");
    await expect(page.locator("#verdict")).toContainText(`FAILED at ${index}`);
    await page.unroute(`**${href}`);
  }
});

test("what is signed is hashed in the browser, from the bytes shown", async ({ page }) => {
  const me = await signedIn(page);
  await me.change("2026.03.1 storefront for POD Engine Alpha");
  await expect(page.locator('details[data-checked="same"]')).toHaveCount(3);
  await expect(page.locator("details[data-object]")).toHaveCount(3);
});

/** A request written by hand; `headers` as they go over the wire. */
function send(method, path, headers, body = "") {
  const { hostname, port, host } = new URL(demo.console);
  const form = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) };
  const options = { hostname, port, path, method, headers: { host, ...form, ...headers } };
  return new Promise((resolve, reject) => {
    const asked = raw(options, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

async function session(page) {
  await signedIn(page);
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const csrf = await page.locator('#viewer input[name="csrf"]').getAttribute("value");
  return { cookie, csrf, origin: new URL(demo.console).origin };
}

test("a foreign Host is refused, whatever it asks for", async ({ page }) => {
  const { cookie } = await session(page);
  for (const path of ["/", "/live", "/sign-in"]) {
    const answer = await send("GET", path, { host: "evil.example", cookie });
    expect(answer.status, path).toBe(421);
    expect(answer.text).not.toContain("csrf");
  }
});

/** Every form of every page that sends something: where to, with what. */
async function everyForm(page) {
  const forms = new Map();
  const known = (await demo.read("/v1/changes")).flatMap(({ id, engine }) => [`/changes/${id}`, `/engines/${engine}`]);
  const paths = new Set([...(await everyPage(page, demo.console)), ...known]);
  for (const path of paths) {
    await page.goto(`${demo.console}${path}`);
    const found = await page.locator("form").evaluateAll((all) =>
      all.filter(({ method }) => method === "post").map((form) => [form.getAttribute("action"), Object.fromEntries(new FormData(form))]),
    );
    for (const [action, fields] of found) forms.set(action, { ...fields, reason: "because", title: "Sent by somebody else" });
  }
  return forms;
}

/** What people and their consoles left in the ledger; clocks and probes go on by themselves. */
const doings = async () => (await demo.entries()).rows.filter(({ actor }) => /Operator|Reviewer|Auditor/.test(actor)).map(({ log, index, effect }) => `${log} ${index} ${effect}`);

test("a form from elsewhere, or without the session's token, does nothing", async ({ page, browser }) => {
  const { cookie, csrf, origin } = await session(page);
  const other = await (await browser.newContext()).newPage();
  const { csrf: others } = await session(other);
  expect(others).not.toBe(csrf);
  const forms = await everyForm(page);
  const verbs = ["seal", "approve", "reject", "run", "hold", "release", "withdraw", "cancel", "observe", "abort", "reconcile", "revoke", "review", "redraw"];
  const [change] = await demo.read("/v1/changes");
  for (const verb of verbs) forms.set(`/changes/${change.id}/${verb}`, { csrf, reason: "because" });
  for (const kind of ["sign-out", "sign-in", "sources/retry"]) expect([...forms.keys()]).toContain(`/${kind}`);
  expect([...forms.keys()]).toContain("/changes/new");

  const before = await doings();
  for (const [action, fields] of forms) {
    const body = (token) => new URLSearchParams({ ...fields, csrf: token }).toString();
    for (const foreign of ["https://evil.example", "null", "http://localhost:1", `${origin}.evil.example`, demo.shop("POD Engine Alpha"), origin.replace("http:", "https:")]) {
      const answer = await send("POST", action, { cookie, origin: foreign }, body(csrf));
      expect(answer.status, `${action} from ${foreign}`).toBe(403);
    }
    const elsewhere = await send("POST", action, { cookie, "sec-fetch-site": "cross-site" }, body(others));
    expect(elsewhere.status, `${action} across sites`).toBe(403);
    for (const token of ["", "0".repeat(csrf.length), others]) {
      const answer = await send("POST", action, { cookie, origin }, body(token));
      expect(answer.status, `${action} with the token "${token}"`).toBe(403);
      expect(answer.text).toContain("csrf.foreign");
    }
    const bare = await send("POST", action, { cookie, origin }, "");
    expect(bare.status, `${action} without anything`).toBe(403);
    const anonymous = await send("POST", action, { origin }, body(csrf));
    expect(anonymous.status, `${action} without the session`).toBe(403);
    // An address alone does nothing either.
    const asked = await send("GET", `${action}?${body(csrf)}`, { cookie });
    expect([200, 303], `${action} by GET`).toContain(asked.status);
  }
  expect(await doings()).toEqual(before);
  await page.reload();
  await expect(page.locator("#viewer")).toContainText(OPERATOR_1);
  await other.context().close();
});

test("a session that somebody else chose, or that has ended, is not taken over", async ({ page }) => {
  const name = (await send("GET", "/", {})).headers["set-cookie"][0].split("=")[0];
  for (const fixed of ["a".repeat(43), "a".repeat(64), "", "../../etc", "%00"]) {
    const answer = await send("GET", "/", { cookie: `${name}=${fixed}` });
    const [cookie] = answer.headers["set-cookie"];
    expect(cookie.split(";")[0]).not.toBe(`${name}=${fixed}`);
    expect(cookie).toMatch(/^[^=]+=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict/);
  }
  // The id from before signing in is worth nothing afterwards, nor is that of who has signed out.
  const known = async () => (await page.context().cookies()).find((cookie) => cookie.name === name).value;
  await page.goto(`${demo.console}/sign-in`);
  const before = await known();
  await signedIn(page);
  const during = await known();
  expect(during).not.toBe(before);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.locator("#sign-in")).toBeVisible();
  for (const id of [before, during]) {
    const answer = await send("GET", "/", { cookie: `${name}=${id}` });
    expect(answer.text).not.toContain('data-action="sign-out"');
  }
});
