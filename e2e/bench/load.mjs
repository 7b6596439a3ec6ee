// The first load of a page in a browser that has never seen it: what it weighs, whom it asks, when one sees it.
import { slow } from "./slow.mjs";

const VIEWPORT = { width: 1280, height: 900 };

async function fresh(browser, storageState, work) {
  const context = await browser.newContext({ storageState, viewport: VIEWPORT });
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

/**
 * Bytes on the wire, heads included, of each request of the first load, and the addresses that are not the console's. A
 * stream counts with what came until the page was told its state.
 */
export function weigh(browser, storageState, url) {
  return fresh(browser, storageState, async (page) => {
    const cdp = await page.context().newCDPSession(page);
    const requests = new Map();
    const of = (id) => requests.get(id) ?? {};
    await cdp.send("Network.enable");
    cdp.on("Network.requestWillBeSent", ({ requestId, request }) => requests.set(requestId, { url: request.url, bytes: 0 }));
    cdp.on("Network.responseReceived", ({ requestId, response }) => {
      of(requestId).bytes = response.encodedDataLength;
      of(requestId).encoding = response.headers["content-encoding"] ?? response.headers["Content-Encoding"] ?? "";
    });
    cdp.on("Network.dataReceived", ({ requestId, encodedDataLength, dataLength }) => {
      of(requestId).bytes += encodedDataLength || dataLength;
    });
    // The whole, as the browser's network counts it: it replaces what was added up.
    cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      of(requestId).bytes = encodedDataLength;
    });
    await page.addInitScript(() => document.addEventListener("pulse", () => (window.pulsed = true), true));
    await page.goto(url, { waitUntil: "load" });
    // The stream stays open: what belongs to the first page is its first message.
    await page.waitForFunction(() => window.pulsed);
    const all = [...requests.values()].filter((request) => !request.url.startsWith("data:"));
    const origin = new URL(url).origin;
    const parts = all.map(({ url: at, bytes, encoding }) => ({ path: new URL(at).pathname, bytes, encoding }));
    return { parts, foreign: all.map((request) => request.url).filter((at) => new URL(at).origin !== origin) };
  });
}

/** First contentful paint of one cold load, ms (Paint Timing), on a slow network and processor. */
export function firstPaint(browser, storageState, url, network) {
  return fresh(browser, storageState, async (page) => {
    await slow(page, network);
    await page.goto(url, { waitUntil: "load" });
    const paint = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    return paint.jsonValue();
  });
}
