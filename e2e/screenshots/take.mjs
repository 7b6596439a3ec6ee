// Pictures of every page: `node screenshots/take.mjs DIR`. `cargo xtask screenshots` calls it and counts them.
import { copyFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OPERATOR_2 } from "../lib/console.mjs";
import { signIn, until, withBrowser, withDemo, withNothing } from "../bench/stage.mjs";
import { ofDemo, ofNothing, prepare } from "./pages.mjs";

const WIDTHS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const SCHEMES = ["light", "dark"];
/** What a picture is called. */
const OURS = /^[a-z-]+-(live|fallback|empty)-(light|dark)-(1440|390)\.webp$/;
/** Executors first, then what they and the console read from. */
const OUTAGE = ["integration", "engine", "node", "platform", "governance"];

const out = process.argv[2];
if (!out) throw new Error("name the folder for the pictures: node screenshots/take.mjs DIR");

/** WebP, which Playwright itself does not write: a third of the bytes of PNG, and text stays sharp. */
async function shoot(page, path, { width }) {
  await page.evaluate(() => window.scrollTo(0, 0));
  const session = await page.context().newCDPSession(page);
  const { cssContentSize } = await session.send("Page.getLayoutMetrics");
  const clip = { x: 0, y: 0, width, height: Math.ceil(cssContentSize.height), scale: 1 };
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 72, clip, captureBeyondViewport: true });
  writeFileSync(path, Buffer.from(data, "base64"));
  await session.detach();
}

/** One page in both widths and schemes; each whole. */
async function picture(page, name, state, go) {
  await go(page);
  await page.waitForFunction(() => {
    const hashed = [...document.querySelectorAll("[data-hashed]")].every((mark) => mark.textContent !== "not hashed in this browser");
    return hashed && !document.getElementById("verdict")?.textContent.startsWith("Not verified yet");
  });
  for (const viewport of WIDTHS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const path = join(out, `${name}-${state}-${colorScheme}-${viewport.width}.webp`);
      await shoot(page, path, viewport);
    }
  }
}

/** All pages of a state, each in a browser that knows nothing of the one before. */
async function all(browser, state, pages, storageState) {
  for (const [name, go] of pages) {
    const context = await browser.newContext({ storageState, viewport: WIDTHS[0], deviceScaleFactor: 1 });
    await picture(await context.newPage(), name, state, go);
    await context.close();
  }
  console.log(`${state}: ${pages.length} pages`);
}

// What an earlier run left and this one does not take again would show a page of yesterday.
for (const name of readdirSync(out)) if (OURS.test(name)) rmSync(join(out, name));

await withBrowser(async (browser) => {
  await withDemo(async (demo) => {
    const context = await browser.newContext({ viewport: WIDTHS[0] });
    const page = await context.newPage();
    const awaiting = await prepare(page, demo);
    const pages = await ofDemo(page, demo, awaiting);
    await until("a live first page", async () => {
      await page.goto(demo.console);
      const states = await page.locator("#main section[data-panel]").evaluateAll((all) => all.map((one) => one.dataset.panel));
      const ready = await page.locator("#source-coverage li.source", { hasText: "Answers and is ready." }).count();
      return ready === OUTAGE.length && states.every((state) => state === "live");
    });
    await context.close();
    const state = await signIn(browser, demo.console, OPERATOR_2);
    await all(browser, "live", pages, state);
    for (const service of OUTAGE) await demo.take(service);
    await demo.live(0);
    await all(browser, "fallback", pages, state);
  });
  await withNothing((nothing) => all(browser, "empty", ofNothing(nothing), undefined));
});
copyFileSync(join(out, "audit-logs-live-light-1440.webp"), join(out, "audit-logs.webp"));
