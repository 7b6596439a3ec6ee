// A page that is open while events arrive: what moves, how soon one sees them, how soon it answers a hand.
import { headline, send } from "./events.mjs";
import { slow } from "./slow.mjs";

/** Collects the page's own measurements (Layout Instability, Event Timing) from its first moment. */
function collect() {
  window.measured = { shifts: [], events: [] };
  new PerformanceObserver((list) => {
    for (const { value, startTime, hadRecentInput, sources } of list.getEntries()) {
      const moved = sources.map(({ node }) => node?.id || node?.className || node?.nodeName).join(" ");
      window.measured.shifts.push({ at_ms: startTime, value, by_hand: hadRecentInput, moved });
    }
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, duration, interactionId } of list.getEntries()) {
      if (interactionId) window.measured.events.push({ name, duration, interactionId });
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
}

async function open(browser, storageState, url, viewport) {
  const context = await browser.newContext({ storageState, viewport });
  await context.addInitScript(collect);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator("#pause").waitFor();
  return page;
}

/** Every layout shift of a page on which `numbers` arrive one after the other, each seen in the pill before the next. */
export async function shifts(browser, storageState, demo, viewport, numbers) {
  const page = await open(browser, storageState, demo.console, viewport);
  let words = "";
  for (const [n, number] of numbers.entries()) {
    await send(demo, [headline(number)]);
    words = n === 0 ? "1 new event" : `${n + 1} new events`;
    await page.waitForFunction((words) => {
      const pill = document.getElementById("new-events");
      return !pill.hidden && pill.textContent === words;
    }, words);
  }
  // What a message moved has been painted two frames later.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const found = await page.evaluate(() => window.measured.shifts);
  await page.context().close();
  return { width: viewport.width, pill: words, shifts: found };
}

/** Runs in the page: when the pill showed, and when the event's row stood in the timeline after it was pressed. */
function watch(title) {
  return new Promise((resolve) => {
    let pill;
    const look = () => {
      const button = document.getElementById("new-events");
      if (!pill && button && !button.hidden) {
        pill = Date.now();
        button.click();
      }
      const first = document.querySelector("#events h3");
      if (!first || first.textContent.trim() !== title) return;
      watcher.disconnect();
      resolve({ pill: pill ?? Date.now(), row: Date.now() });
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  });
}

/** From the start of each event's POST: ms to the pill, and to its row once the pill is pressed. */
export async function delays(browser, storageState, demo, viewport, numbers) {
  const page = await open(browser, storageState, demo.console, viewport);
  const found = { pill_ms: [], row_ms: [] };
  for (const number of numbers) {
    const one = headline(number);
    const watched = page.evaluate(watch, one.title);
    const sent = Date.now();
    await send(demo, [one]);
    const { pill, row } = await watched;
    found.pill_ms.push(pill - sent);
    found.row_ms.push(row - sent);
  }
  await page.context().close();
  return found;
}

/** Worst duration of each interaction on a slow processor, ms: from the hand to the next paint (Event Timing, as INP). */
export async function interactions(browser, storageState, demo, viewport, number) {
  const page = await open(browser, storageState, demo.console, viewport);
  await slow(page, null);
  await send(demo, [headline(number)]);
  const pill = page.locator("#new-events");
  await pill.waitFor();
  const hands = [
    ["compact rows", () => page.locator("#density").click()],
    ["regular rows", () => page.locator("#density").click()],
    ["write in a filter", () => page.locator("#filters [name=q]").pressSequentially("dns")],
    ["show the new event", () => pill.click()],
    ["pause auto-refresh", () => page.locator("#pause").click()],
    ["resume auto-refresh", () => page.locator("#pause").click()],
    ["next stop of Tab", () => page.keyboard.press("Tab")],
  ];
  const found = [];
  for (const [name, hand] of hands) {
    await page.evaluate(() => window.measured.events.splice(0));
    await hand();
    // An event is told once the frame after it is on the screen; shorter ones than 16 ms are not told at all.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))));
    const events = await page.evaluate(() => window.measured.events);
    found.push({ name, ms: Math.max(16, ...events.map(({ duration }) => duration)) });
  }
  await page.context().close();
  return found;
}
