// Proofs checked in the reader's own browser, and requests that no page of ours would send.
import { request as raw } from "node:http";
import { expect } from "@playwright/test";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";

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
  const href = await page.locator("#events h3 a").first().getAttribute("href");
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

test("a form from elsewhere, or without the session's token, does nothing", async ({ page }) => {
  const { cookie, csrf, origin } = await session(page);
  const paths = ["/sign-out", "/sources/retry", "/sign-in", `/changes/${"0".repeat(32)}/run`, `/engines/${"0".repeat(32)}/rollback`];
  for (const path of paths) {
    for (const foreign of ["https://evil.example", "null", "http://localhost:1"]) {
      const answer = await send("POST", path, { cookie, origin: foreign }, `csrf=${csrf}`);
      expect(answer.status, `${path} from ${foreign}`).toBe(403);
    }
    for (const body of ["", "csrf=", `csrf=${"0".repeat(csrf.length)}`]) {
      const answer = await send("POST", path, { cookie, origin }, body);
      expect(answer.status, `${path} with "${body}"`).toBe(403);
      expect(answer.text).toContain("csrf.foreign");
    }
    const other = await send("POST", path, { origin }, `csrf=${csrf}`);
    expect(other.status, `${path} with another session's token`).toBe(403);
  }
  await page.reload();
  await expect(page.locator("#viewer")).toContainText(OPERATOR_1);
});

test("a session that somebody else chose is not taken over", async () => {
  const name = (await send("GET", "/", {})).headers["set-cookie"][0].split("=")[0];
  const fixed = await send("GET", "/", { cookie: `${name}=${"a".repeat(43)}` });
  expect(fixed.headers["set-cookie"][0]).not.toContain("a".repeat(43));
  expect(fixed.headers["set-cookie"][0]).toMatch(/HttpOnly; SameSite=Strict/);
});
