// How long the console takes for a page, asked by a client without a browser over one kept connection.
import { Agent, get } from "node:http";

const WARM_UP = 30;
/** A view that is slow is asked less often than one that is not. */
const AT_MOST_MS = 30_000;

/** One request; its time until the last byte, ms, and the bytes. */
function ask(url, cookie, agent) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const request = get(url, { agent, headers: { cookie, "accept-encoding": "gzip, deflate, br", accept: "text/html" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (piece) => (bytes += piece.length));
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode !== 200) return reject(new Error(`${url}: ${answer.statusCode}`));
        resolve({ ms: Number(process.hrtime.bigint() - began) / 1e6, bytes });
      });
    });
    request.on("error", reject);
  });
}

/** Asks for a page `times` times, one after the other, after a warm-up. */
export async function served({ cookies }, console, path, times) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const url = `${console}${path}`;
  const found = { path, ms: [], bytes: 0 };
  const begin = Date.now();
  for (let n = 0; n < WARM_UP && Date.now() - begin < AT_MOST_MS; n += 1) await ask(url, cookie, agent);
  const measured = Date.now();
  while (found.ms.length < times && Date.now() - measured < AT_MOST_MS) {
    const { ms, bytes } = await ask(url, cookie, agent);
    found.ms.push(ms);
    found.bytes = bytes;
  }
  agent.destroy();
  return found;
}
