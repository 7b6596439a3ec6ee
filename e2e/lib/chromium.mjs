// Which browser the tests drive: the system's own.
import { accessSync, constants } from "node:fs";

const USUAL = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/microsoft-edge",
  "/opt/google/chrome/chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of the browser: what `CHROMIUM` names, else the first usual place that has one. */
export function chromium() {
  const named = process.env.CHROMIUM;
  if (named) return named;
  const found = USUAL.find(runs);
  if (!found) throw new Error("no Chromium, Chrome or Edge on this machine; name one with CHROMIUM=PATH");
  return found;
}
