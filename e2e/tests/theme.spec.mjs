// A shop wears a theme: its own files and nothing else, readable on phone and desktop, without a complaint of the browser.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { test } from "../lib/demo.mjs";
import { freeBase } from "../lib/ports.mjs";
import { start } from "../lib/process.mjs";
import { bearsTextSpacing, reflows } from "../lib/wcag.mjs";

const SOURCES = fileURLToPath(new URL("../../crates/storefront/", import.meta.url));
const PAGES = ["/", "/product/stone-mug", "/cart", "/nothing"];
const THEMES = [
  { version: "2026.02", digest: "02".repeat(32), paper: "rgb(246, 239, 225)", fonts: ["Fraunces"], files: ["theme.css", "brand/seal.png", "brand/paper.png", "fonts/fraunces-latin.woff2"] },
  {
    version: "2026.03",
    digest: "03".repeat(32),
    paper: "rgb(243, 241, 251)",
    fonts: ["Bricolage Grotesque", "Figtree"],
    files: ["theme.css", "cart.css", "brand/mark.png", "brand/waves.webp", "fonts/bricolage-grotesque-latin.woff2", "fonts/figtree-latin.woff2"],
  },
];

const shops = new Set();
test.afterEach(async () => {
  for (const close of shops) await close();
  shops.clear();
});

/** A shop of the newest release in a directory of its own, with this theme or none. */
async function open(theme) {
  const data = mkdtempSync(join(tmpdir(), "countersign-e2e-shop-"));
  const url = `http://127.0.0.1:${await freeBase()}`;
  const dir = theme && join(SOURCES, "themes/acme-native", theme.version);
  const bound = theme ? { COUNTERSIGN_THEME_DIR: dir, COUNTERSIGN_THEME: theme.digest } : {};
  const release = join(SOURCES, "releases/2026.03.1");
  const running = start(["storefront", "--release-dir", release, "--data-dir", data, "--listen", new URL(url).host], bound);
  await expect.poll(() => fetch(`${url}/healthz`).then((answer) => answer.ok, () => false), { timeout: 30_000 }).toBe(true);
  const close = async () => {
    expect(await running.stop(), running.said()).toBe(0);
    rmSync(data, { recursive: true, force: true });
  };
  shops.add(close);
  return { url };
}

/** Everything a page says against itself, and every file it asks for. */
function listen(page) {
  const complaints = [];
  const asked = new Map();
  page.on("console", (message) => void complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => void complaints.push(`uncaught: ${error}`));
  // What the browser no longer waits for because its page was left is no complaint about the shop.
  const left = (request) => request.failure()?.errorText === "net::ERR_ABORTED";
  page.on("requestfailed", (request) => void (left(request) || complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`)));
  page.on("response", (answer) => void asked.set(answer.url(), answer.status()));
  return { complaints, asked };
}

/** Without pictures behind text: axe judges contrast on a plain colour only, and each theme has one below its pictures. */
function plain(page) {
  return page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { background-image: none !important }");
    document.adoptedStyleSheets.push(sheet);
  });
}

for (const theme of THEMES) {
  test(`a shop wears ${theme.version}`, async ({ page }) => {
    const shop = await open(theme);
    const { complaints, asked } = listen(page);
    expect(await (await fetch(`${shop.url}/healthz`)).json()).toMatchObject({ status: "ok", theme: theme.digest });

    await page.goto(shop.url);
    await page.evaluate(() => document.fonts.ready);
    await expect(page.locator("body")).toHaveCSS("background-color", theme.paper);
    const loaded = await page.evaluate(() => [...document.fonts].filter((face) => face.status === "loaded").map((face) => face.family.replaceAll('"', "")));
    expect(loaded.toSorted()).toEqual(theme.fonts);
    for (const file of theme.files) {
      expect(asked.get(`${shop.url}/theme/${theme.digest.slice(0, 12)}/${file}`), file).toBe(200);
    }
    expect([...asked.keys()].filter((url) => !url.startsWith(shop.url))).toEqual([]);

    // It sells as before, on every page, for everybody.
    await page.getByRole("button", { name: /Stoneware Mug/ }).last().click();
    await expect(page.locator(".total")).toHaveText("$18.00");
    expect(complaints).toEqual([]);
    for (const path of PAGES) {
      await page.goto(shop.url + path);
      await plain(page);
      await isAccessible(page);
      await reflows(page);
      await bearsTextSpacing(page);
    }
    // The page that is not there is told so by the browser, too.
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });
}

test("two themes and none look each like itself", async ({ page }) => {
  const looks = [];
  for (const theme of [...THEMES, undefined]) {
    const shop = await open(theme);
    await page.goto(shop.url);
    looks.push(
      await page.evaluate(() => {
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        return [style("h1").fontFamily, style("body").backgroundColor, style(".brand").backgroundImage, style(".shop-header").backgroundColor, style("button.add").borderRadius];
      }),
    );
  }
  const [older, newer, none] = looks;
  older.forEach((value, n) => expect(value).not.toBe(newer[n]));
  expect(none[2]).toBe("none");
  expect(new Set(looks.map(([font]) => font)).size).toBe(3);
});
