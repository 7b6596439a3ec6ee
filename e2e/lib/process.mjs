// The product as a process of the test: started, waited for, and ended with everything it started.
import { spawn, execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";

const run = promisify(execFile);
const ENDS_WITHIN_MS = 30_000;

/** The binary under test. */
export const BINARY =
  process.env.COUNTERSIGN_BIN ?? fileURLToPath(new URL("../../target/debug/countersign", import.meta.url));

const children = new Set();
// A runner that is stopped half way must not leave a company running.
process.on("exit", () => children.forEach((child) => child.kill("SIGTERM")));

/** Starts it with these arguments, and these variables beside its own; `said()` is what it printed so far. */
export function start(args, variables = {}) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: build it, or name it with COUNTERSIGN_BIN`);
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...variables } });
  children.add(child);
  let text = "";
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      children.delete(child);
      resolve(code ?? signal);
    });
  });
  const listeners = new Set();
  const take = (bytes) => {
    text += bytes;
    listeners.forEach((listener) => listener());
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);

  /** Resolves once it has printed `words`. */
  const says = (words, withinMs) =>
    new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${why} before it said "${words}":\n${text}`));
      const timer = setTimeout(() => fail(`${withinMs} ms passed`), withinMs);
      const look = () => {
        if (!text.includes(words)) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      void ended.then((how) => {
        clearTimeout(timer);
        fail(`it ended with ${how}`);
      });
      look();
    });

  /** Ends it in order; says how it ended. */
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), ENDS_WITHIN_MS);
    const how = await ended;
    clearTimeout(timer);
    return how;
  };
  return { says, stop, said: () => text };
}

/** Runs it to its end; what it printed. */
export async function once(args) {
  const { stdout } = await run(BINARY, args, { timeout: ENDS_WITHIN_MS });
  return stdout;
}

/** Command lines of living processes that name a directory: none may be left behind. */
export function left(dir) {
  if (!existsSync("/proc/self/cmdline")) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const line = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return ""; // It has ended meanwhile.
    }
  };
  return pids.map(line).filter((text) => text.includes(dir));
}
