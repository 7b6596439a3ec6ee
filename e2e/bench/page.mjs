// Measures the console's page on a real demonstration with a large ledger: `node bench/page.mjs FILE EVENTS` writes the
// figures as JSON. What they must be is judged by `cargo xtask bench page`.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { OPERATOR_1 } from "../lib/console.mjs";
import { signIn, until, withBrowser, withDemo } from "./stage.mjs";
import { RARE, fill } from "./events.mjs";
import { delays, interactions, shifts } from "./live.mjs";
import { firstPaint, weigh } from "./load.mjs";
import { served } from "./served.mjs";
import { CPU, SLOW_4G, SLOW_4G_APPLIED } from "./slow.mjs";

const PAINTS = 5;
const REQUESTS = 300;
const DELAYS = 40;
const ARRIVALS = 20;
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const VIEWS = ["/", "/?all=1", "/?category=rollback", `/?q=${RARE}`];

const [file, EVENTS] = [process.argv[2], Number(process.argv[3])];
if (!file || !(EVENTS > 0)) throw new Error("say how: node bench/page.mjs FILE EVENTS");

const figures = { events: EVENTS, cpu: CPU, loads: [] };
function begin(what) {
  figures.loads.push({ what, load: loadavg()[0] });
  console.log(`${what} (load average ${loadavg()[0].toFixed(2)})`);
}
const times = (n, work) => Array.from({ length: n }).reduce(async (before) => [...(await before), await work()], Promise.resolve([]));
// Above the numbers that filled the ledger.
let next = EVENTS;
const numbers = (n) => Array.from({ length: n }, () => (next += 1));

await withDemo(async (demo) => {
  begin(`sending ${EVENTS} events`);
  const began = Date.now();
  await fill(demo, EVENTS);
  figures.filled_ms = Date.now() - began;
  await withBrowser(async (browser) => {
    const state = await signIn(browser, demo.console, OPERATOR_1);
    figures.browser = browser.version();
    const context = await browser.newContext({ storageState: state });
    const page = await context.newPage();
    figures.rows = await until("every event on the page", async () => {
      await page.goto(`${demo.console}/?all=1`);
      const said = await page.locator("#audit-timeline [data-label]").textContent();
      const known = Number(/^\s*(\d+) Events/.exec(said)?.[1]);
      return known >= EVENTS && known;
    });
    await context.close();
    begin("asking for the page without a browser");
    figures.served = [];
    for (const path of VIEWS) figures.served.push(await served(state, demo.console, path, REQUESTS));
    begin("weighing the first load");
    figures.signed_in = await weigh(browser, state, demo.console);
    figures.anonymous = await weigh(browser, undefined, demo.console);
    begin("first paints at slow 4G");
    figures.fcp_ms = await times(PAINTS, () => firstPaint(browser, state, demo.console, SLOW_4G));
    figures.fcp_applied_ms = await times(PAINTS, () => firstPaint(browser, state, demo.console, SLOW_4G_APPLIED));
    begin("a page open while events arrive");
    figures.delays = await delays(browser, state, demo, DESK, numbers(DELAYS));
    figures.arrivals = [];
    for (const viewport of [DESK, PHONE]) figures.arrivals.push(await shifts(browser, state, demo, viewport, numbers(ARRIVALS)));
    begin("hands on the page");
    figures.interactions = await interactions(browser, state, demo, DESK, numbers(1)[0]);
  });
});
writeFileSync(file, JSON.stringify(figures));
