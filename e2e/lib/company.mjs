// A company outside the demo: fresh keys, a founded ledger, the services and the console, nobody's key in it.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { freeBase } from "./ports.mjs";
import { BINARY, left, once, start } from "./process.mjs";

const READY_WITHIN_MS = 60_000;
const PEOPLE = {
  Ada: "governance-operator",
  Ben: "governance-operator",
  Cy: "finance-reviewer",
  Di: "support-auditor",
};

/** The standard kinds, with clocks that a test can wait for: those of a ledger that is founded for nothing else. */
async function quickKinds(home, founders) {
  const scratch = join(home, "scratch");
  await once(["init", "--dir", scratch, ...founders]);
  const blobs = join(scratch, "governance", "blobs");
  const documents = readdirSync(blobs).map((name) => JSON.parse(readFileSync(join(blobs, name), "utf8")));
  const kinds = documents.find((document) => document.kinds);
  for (const kind of kinds.kinds.kinds) {
    kind.cooling_ms = Math.min(kind.cooling_ms, 50);
    kind.soak_ms = Math.min(kind.soak_ms, 50);
  }
  rmSync(scratch, { recursive: true });
  const file = join(home, "kinds.json");
  writeFileSync(file, JSON.stringify(kinds));
  return file;
}

/** Founds one and serves it; its people are Ada, Ben, Cy and Di. `quick`: nothing cools for longer than a test waits. */
export async function company({ quick = false } = {}) {
  const home = mkdtempSync(join(tmpdir(), "countersign-e2e-company-"));
  const dir = join(home, "data");
  const key = (name) => join(home, name);
  const people = Object.keys(PEOPLE);
  for (const name of people) await once(["key", "new", key(name)]);
  const founder = (name) => ["--founder", `${name}:${PEOPLE[name]}:${key(name)}.pub`, "--key", key(name)];
  const founders = people.flatMap(founder);
  const kinds = quick ? ["--settings", await quickKinds(home, founders)] : [];
  await once(["init", "--dir", dir, ...kinds, ...founders]);

  const base = await freeBase();
  const running = start(["serve", "--dir", dir, "--base-port", String(base)]);
  const url = `http://localhost:${base + 8}`;
  const stop = async () => {
    expect(await running.stop(), running.said()).toBe(0);
    // Engines and their front outlive the services on purpose; a test's must not outlive the test.
    outlived(dir).forEach((pid) => process.kill(pid, "SIGTERM"));
    await expect.poll(() => left(dir), { message: "processes that outlived the company" }).toEqual([]);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const page = async () => (await fetch(url)).text();
    await expect.poll(() => page().catch(() => ""), { timeout: READY_WITHIN_MS }).toContain("5/5 Live Sources");
  } catch (error) {
    await running.stop();
    throw error;
  }
  /** Runs a command as somebody; what it printed, as JSON. */
  const by = async (name, ...args) => JSON.parse(await once([...args, "--dir", dir, "--json", "--key", key(name)]));
  /** Runs a command that nobody signs; what it printed, as JSON. */
  const read = async (...args) => JSON.parse(await once([...args, "--dir", dir, "--json"]));
  /** A tenant with an engine. */
  const engine = async (name) => {
    const { tenant } = await by(name, "tenant", "new", "Acme");
    await by(name, "engine", "new", "POD Engine Alpha", "--tenant", tenant, "--port", String(base + 21));
  };
  /** A release of the product, published; its artifact. */
  const published = async (name, version) => {
    const tar = join(home, `${version}.tar`);
    await once(["artifact", "pack", version, "--output", tar]);
    return (await by(name, "publish", tar, "--name", `POD Storefront Core ${version}`)).artifact;
  };
  /** A deployment of an artifact, sealed; its change. */
  const sealed = async (name, artifact) => {
    const { id } = await by(name, "change", "new", "--kind", "deployment", "--engine", "alpha", "--artifact", artifact);
    await by(name, "change", "seal", id);
    return id;
  };
  /** A deployment that somebody asks for and seals; its change. */
  const asked = async (name) => {
    await engine(name);
    return sealed(name, await published(name, "2026.02"));
  };
  /** Two releases, one deployed after the other; the artifact of the older one. */
  const deployedTwice = async () => {
    await engine("Ada");
    const artifacts = [await published("Ada", "2026.02"), await published("Ada", "2026.03.1")];
    for (const artifact of artifacts) {
      const id = await sealed("Ada", artifact);
      for (const name of ["Ben", "Cy"]) await by(name, "change", "approve", id);
      await by("Ben", "change", "run", id);
    }
    return artifacts[0];
  };
  return {
    url,
    stop,
    by,
    read,
    key,
    asked,
    deployedTwice,
    /** Runs a line of a page as it is pasted into a shell: only whose key it is, is the reader's to say. */
    paste: (line, name) => paste(line.replace(/--key \S+/, () => `--key ${key(name)}`), home),
  };
}

/** Processes whose command line names this directory. */
function outlived(dir) {
  if (!existsSync("/proc/self/cmdline")) return [];
  const names = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(dir);
    } catch {
      return false; // It has ended meanwhile.
    }
  };
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && names(name)).map(Number);
}

/** A line of a shell in which `countersign` is the binary under test. */
function paste(line, home) {
  const shell = `countersign() { '${BINARY.replaceAll("'", `'\\''`)}' "$@"; }; ${line}`;
  return execFileSync("sh", ["-c", shell], { cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
