// What other systems send: the same events in each run, told apart by their numbers.
const BATCH = 500;
const TRIES = 20;
const WAIT_MS = 500;

const CATEGORIES = ["reported"];
const SEVERITIES = ["info", "info", "low", "low", "low", "medium", "medium", "medium", "high", "critical"];
/** A word of one event in `RARE_EVERY`. */
export const RARE = "chargeback";
const RARE_EVERY = 1_000;

/** The nth event; most are no headlines. */
export function event(n) {
  const rare = n % RARE_EVERY === 0 ? ` after a ${RARE}` : "";
  return {
    id: `bench-${n}`,
    source: `ci.build-${n % 7}`,
    kind: "pipeline.finished",
    category: CATEGORIES[n % CATEGORIES.length],
    severity: SEVERITIES[Math.floor(n / 7) % SEVERITIES.length],
    title: `Pipeline ${n} of the storefront has finished${rare}`,
    description: `Build ${n} passed ${20 + (n % 31)} checks; its release waits for a package of its own.`,
  };
}

/** The nth event as a headline: what the page's pill counts. */
export const headline = (n) => ({ ...event(n), severity: "high" });

/** Sends events; over budget, the same ones again. */
export async function send({ services, tokens }, events) {
  for (let n = 0; n < TRIES; n += 1) {
    const answer = await fetch(`${services.governance}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${tokens.ingest}`, "content-type": "application/json" },
      body: JSON.stringify(events),
    });
    const text = await answer.text();
    if (answer.ok) return;
    if (answer.status !== 429 && answer.status !== 503) throw new Error(`POST /v1/events: ${answer.status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  throw new Error(`POST /v1/events was over budget ${TRIES} times`);
}

/** Sends the first `total` events, in batches. */
export async function fill(demo, total) {
  for (let first = 0; first < total; first += BATCH) {
    const count = Math.min(BATCH, total - first);
    await send(demo, Array.from({ length: count }, (_, n) => event(first + n)));
  }
}
