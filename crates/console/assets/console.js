// @ts-check
// What the pages do beyond links and forms. Nothing here is needed to read or to act.

/** @typedef {{control: number, events: number}} Sizes */
/** @typedef {{control: number[], events: number[], from: Sizes}} Fresh */
/** @typedef {{seen: string, who: string, fresh: Fresh}} Pulse */

const REFRESH_MS = 30_000;
const PAUSE_KEY = "countersign-paused";
const DENSITY_KEY = "countersign-density";

const announce = document.getElementById("announce");
let paused = localStorage.getItem(PAUSE_KEY) === "1";
let seen = document.getElementById("live")?.dataset.seen;
let behind = false;
let missed = "";
let heard = Date.now();

/** A reader who types or has a list open is not interrupted. @param {EventTarget | null} [at] where the focus is */
function isBusy(at = document.activeElement) {
  return document.hidden || (at instanceof HTMLElement && at.matches("input:not([type=hidden]), select, textarea"));
}

/** Reads the page again, or as soon as the reader is not busy any more. @param {EventTarget | null} [at] where the focus is */
function refresh(at) {
  const element = document.getElementById("refresh");
  if (paused || !element?.getAttribute("hx-select-oob")) return;
  behind = isBusy(at);
  if (!behind) element.dispatchEvent(new CustomEvent("refresh"));
}

/** What passes the page's filters and is not of the logs as it shows them, in words. @param {Fresh} fresh @param {Sizes} shown */
function newRows(fresh, shown) {
  const beyond = (/** @type {number} */ size) => (/** @type {number} */ index) => index >= size;
  const count = fresh.control.filter(beyond(shown.control)).length + fresh.events.filter(beyond(shown.events)).length;
  // Below `from` rows are left out, and those may be new to this page too.
  const all = shown.control >= fresh.from.control && shown.events >= fresh.from.events;
  if (!all) return count === 0 ? "There may be new events" : `${count} or more new events`;
  if (count === 0) return "";
  return count === 1 ? "1 new event" : `${count} new events`;
}

/** @param {Pulse} pulse */
function onPulse(pulse) {
  const timeline = document.getElementById("audit-timeline");
  const pill = document.getElementById("new-events");
  if (timeline && pill) {
    const shown = { control: Number(timeline.dataset.control), events: Number(timeline.dataset.events) };
    const text = newRows(pulse.fresh, shown);
    pill.hidden = text === "";
    if (text && pill.textContent !== text) {
      pill.textContent = text;
      if (announce) announce.textContent = text;
    }
  }
  // Somebody else by now, or nobody: the console was started again, or another tab signed in or out.
  const ended = document.getElementById("ended");
  if (ended) ended.hidden = pulse.who === document.getElementById("viewer")?.dataset.who;
  if (pulse.seen !== seen) refresh();
  seen = pulse.seen;
}

function pauseButton() {
  const slot = document.getElementById("pause-slot");
  if (!slot) return;
  const button = document.createElement("button");
  button.type = "button";
  button.id = "pause";
  button.dataset.action = "pause";
  const show = () => {
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? "Resume auto-refresh" : "Pause auto-refresh";
    document.documentElement.dataset.paused = String(paused);
  };
  button.addEventListener("click", () => {
    paused = !paused;
    localStorage.setItem(PAUSE_KEY, paused ? "1" : "0");
    show();
    if (paused) return;
    refresh();
    if (missed) onPulse(JSON.parse(missed));
    missed = "";
  });
  show();
  slot.append(button);
}

/** One line an entry, for who reads many; kept in this browser alone. */
function densityButton() {
  const slot = document.getElementById("pause-slot");
  if (!slot || !document.getElementById("events")) return;
  const root = document.documentElement;
  const button = document.createElement("button");
  button.type = "button";
  button.id = "density";
  button.textContent = "Compact rows";
  const show = () => {
    const compact = localStorage.getItem(DENSITY_KEY) === "compact";
    button.setAttribute("aria-pressed", String(compact));
    root.dataset.density = compact ? "compact" : "regular";
  };
  button.addEventListener("click", () => {
    localStorage.setItem(DENSITY_KEY, root.dataset.density === "compact" ? "regular" : "compact");
    show();
  });
  show();
  slot.append(button);
}

/** A line that is read again brings its button along, so that a refresh does not take it away. */
function copyButtons() {
  for (const code of document.querySelectorAll("code[data-copy]")) {
    if (code.nextElementSibling?.matches(".copy")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.dataset.action = "copy";
    button.textContent = "Copy";
    code.after(button);
  }
}

document.addEventListener("click", async ({ target }) => {
  const button = target instanceof Element ? target.closest("button[data-action=copy]") : null;
  if (!button) return;
  await navigator.clipboard.writeText(button.previousElementSibling?.textContent ?? "");
  if (announce) announce.textContent = "Copied";
});

document.getElementById("live")?.addEventListener("pulse", (event) => {
  const { data } = /** @type {CustomEvent} */ (event).detail ?? {};
  if (typeof data === "string") onPulse(JSON.parse(data));
});
/** The console does not answer: what stands here is from when it last did. */
function onLost() {
  const lost = document.getElementById("lost");
  if (!lost?.hidden) return;
  const since = new Date(heard).toLocaleTimeString("en-US", { timeZone: "America/New_York" });
  lost.textContent = `This page has lost its console. What it shows is from ${since} ET; nothing can be sent.`;
  lost.hidden = false;
  document.documentElement.dataset.lost = "true";
}

function onFound() {
  heard = Date.now();
  const lost = document.getElementById("lost");
  if (!lost || lost.hidden) return;
  lost.hidden = true;
  delete document.documentElement.dataset.lost;
  refresh();
}

document.addEventListener("htmx:sse:error", onLost);
document.addEventListener("htmx:sse:after:connection", onFound);
// Paused, nothing on the page moves: neither its chips nor its counts (WCAG 2.2, 2.2.2).
document.addEventListener("htmx:sse:before:message", (event) => {
  heard = Date.now();
  if (!paused) return;
  event.preventDefault();
  const { message } = /** @type {CustomEvent} */ (event).detail;
  if (message.event === "pulse") missed = message.data;
});
setInterval(() => refresh(), REFRESH_MS);
// What was put off while the reader was busy.
document.addEventListener("visibilitychange", () => behind && refresh());
document.addEventListener("focusout", (event) => behind && refresh(event.relatedTarget));
pauseButton();
densityButton();
copyButtons();
// The pill is gone once it is followed; the reader goes on where it led.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail ?? {};
  if (ctx?.sourceElement?.id === "new-events") document.getElementById("audit-timeline-title")?.focus();
});
document.getElementById("refusal")?.focus();
