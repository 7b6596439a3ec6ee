// A slow network and a slow processor, as Lighthouse defines them.
const bytesPerSecond = (kbps) => (kbps * 1024) / 8;

/**
 * Lighthouse's `mobileSlow4G` (core/config/constants.js, docs/throttling.md): 150 ms round trip, 1.6 Mbit/s down,
 * 750 kbit/s up.
 */
export const SLOW_4G = { latency: 150, downloadThroughput: bytesPerSecond(1.6 * 1024), uploadThroughput: bytesPerSecond(750) };

/**
 * The same network as Lighthouse hands it to DevTools, which delays requests and not packets: latency x 3.75 stands for
 * the round trips of name, connection and TLS, throughput x 0.9 for what headers take.
 */
export const SLOW_4G_APPLIED = {
  latency: 150 * 3.75,
  downloadThroughput: bytesPerSecond(1.6 * 1024 * 0.9),
  uploadThroughput: bytesPerSecond(750 * 0.9),
};

/** Times slower than this machine: Lighthouse's `cpuSlowdownMultiplier`. */
export const CPU = 4;

/** Slows a page down, network and processor; none of a network leaves it as it is. */
export async function slow(page, network) {
  const cdp = await page.context().newCDPSession(page);
  if (network) {
    await cdp.send("Network.enable");
    await cdp.send("Network.emulateNetworkConditions", { offline: false, ...network });
  }
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: CPU });
}
