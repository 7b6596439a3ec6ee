// @ts-check
// Checks in the reader's own browser: digests of what is signed, and the inclusion of an entry
// (RFC 6962 §2.1; C2SP tlog-proof, tlog-checkpoint, signed-note). Says one of the five verdicts.

const text = new TextEncoder();

/** @param {...Uint8Array} parts */
function join(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}

/** @param {Uint8Array} bytes */
async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} base64 */
const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** @param {string} prefix @param {string} body */
const framed = (prefix, body) => join(text.encode(prefix), new Uint8Array(1), text.encode(body));

async function documents() {
  for (const element of document.querySelectorAll("details.document")) {
    if (!(element instanceof HTMLElement)) continue;
    const body = element.querySelector("pre")?.textContent ?? "";
    const digest = hex(await sha256(framed(`countersign/${element.dataset.object}/v1`, body)));
    const same = digest === element.dataset.digest;
    const said = element.querySelector("[data-hashed]");
    if (said) said.textContent = same ? "hashed in this browser: the same" : `hashed in this browser: ANOTHER digest, ${digest}`;
    element.dataset.checked = same ? "same" : "differs";
  }
}

/** @param {string} proof */
function parse(proof) {
  const [head, ...rest] = proof.split("\n\n");
  const lines = head.split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Unread("the proof has another form than this page reads");
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const index = BigInt(lines.shift()?.replace(/^index /, "") ?? "");
  const note = rest.join("\n\n");
  const [body, signatures] = note.split("\n\n");
  const [origin, size, root] = body.split("\n");
  return { index, path: lines.map(bytes), origin, size: BigInt(size), root: bytes(root), body: `${body}\n`, signatures };
}

/** The root a leaf and its path lead to (RFC 9162 §2.1.3.2).
 * @param {Uint8Array} leaf @param {bigint} index @param {bigint} size @param {Uint8Array[]} path */
async function rootOf(leaf, index, size, path) {
  let [node, last, hash] = [index, size - 1n, leaf];
  const one = Uint8Array.of(1);
  for (const sibling of path) {
    if (last === 0n) throw new Error("the proof is longer than the tree is high");
    if ((node & 1n) === 1n || node === last) {
      hash = await sha256(join(one, sibling, hash));
      while (node !== 0n && (node & 1n) === 0n) { node >>= 1n; last >>= 1n; }
    } else {
      hash = await sha256(join(one, hash, sibling));
    }
    node >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw new Error("the proof is shorter than the tree is high");
  return hash;
}

/** True, false, or null when this browser cannot tell.
 * @param {string} vkey @param {string} body @param {string} signatures */
async function signed(vkey, body, signatures) {
  const [name, id, ...rest] = vkey.split("+");
  const line = signatures.split("\n").find((one) => one.startsWith(`— ${name} `));
  if (!line) return false;
  const stamped = bytes(line.slice(`— ${name} `.length));
  // A signature under another key of the same name is none of the log's (C2SP signed-note).
  if (hex(stamped.slice(0, 4)) !== id) return false;
  const signature = stamped.slice(4);
  const raw = bytes(rest.join("+"));
  if (raw[0] !== 1) return null;
  try {
    const imported = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, text.encode(body));
  } catch {
    return null;
  }
}

const checks = document.getElementById("checks");
/** @param {string} words @param {boolean|null} held */
function say(words, held) {
  const item = document.createElement("li");
  item.textContent = words;
  item.dataset.held = held === null ? "unknown" : String(held);
  checks?.append(item);
}

/** @param {string} word @param {string} sentence */
function verdict(word, sentence) {
  const section = document.getElementById("verification");
  const line = document.getElementById("verdict");
  if (section) section.dataset.verdict = word;
  if (line) line.textContent = sentence;
}

/** What this page cannot judge, for good or ill. */
class Unread extends Error {}

async function inclusion() {
  const leaf = document.getElementById("leaf");
  if (!leaf) return;
  const index = location.pathname.split("/").pop();
  const note = document.getElementById("proof");
  if (!note) return verdict("not-yet", "Not yet: the log's checkpoint does not cover this entry; reload in a moment.");
  try {
    if (!crypto.subtle) throw new Unread("this browser does not hash on this page; use the command line below");
    const proof = parse(note.textContent ?? "");
    const hash = await sha256(join(Uint8Array.of(0), framed(leaf.dataset.prefix ?? "", leaf.textContent ?? "")));
    const stated = document.getElementById("leaf-hash")?.textContent === hex(hash);
    say("The bytes shown hash to the leaf hash shown.", stated);
    const place = String(proof.index) === index;
    say(`The proof is of index ${proof.index}.`, place);
    const root = await rootOf(hash, proof.index, proof.size, proof.path);
    const leads = hex(root) === hex(proof.root);
    say(`The proof leads to the root of the checkpoint of ${proof.size} entries.`, leads);
    const signature = await signed(note.dataset.vkey ?? "", proof.body, proof.signatures);
    say("The checkpoint is signed by the log's key.", signature);
    if (!stated || !place || !leads || signature === false) {
      return verdict("failed", `FAILED at ${index}: what is shown is not what the log signed.`);
    }
    if (signature === null) {
      return verdict("inconclusive", `Inconclusive at ${index}: this browser cannot check Ed25519 signatures; use the command line below.`);
    }
    verdict("verified-this-server-only", "Verified against this server only (no witness).");
  } catch (error) {
    // A proof that leads nowhere is no proof: only what this page is too old to read is left open.
    const why = error instanceof Error ? error.message : "the proof cannot be read";
    if (error instanceof Unread) return verdict("inconclusive", `Inconclusive at ${index}: ${why}.`);
    verdict("failed", `FAILED at ${index}: ${why}.`);
  }
}

await documents();
await inclusion();
// A refresh replaces what was hashed.
document.addEventListener("htmx:after:swap", () => { void documents(); });
