// A base port whose whole family is free: the services, the console, the engines' fronts and their slots.
import { createServer } from "node:net";

const DISTANCES = [0, 2, 3, 4, 8, 10, 21, 22, 1021, 1022, 2021, 2022];
// Below the ports that systems give to outgoing connections, and for each of two workers another half: what one has seen
// free, the other cannot take before it is used.
const HALF = Number(process.env.TEST_PARALLEL_INDEX ?? 0) % 2;
const LOWEST = [10_000, 20_000][HALF];
const HIGHEST = LOWEST + 7_500;
const TRIES = 50;

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A base for `--base-port`. */
export async function freeBase() {
  for (let n = 0; n < TRIES; n += 1) {
    const base = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const free = await Promise.all(DISTANCES.map((distance) => isFree(base + distance)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no free ports between ${LOWEST} and ${HIGHEST} in ${TRIES} tries`);
}
