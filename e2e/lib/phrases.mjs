// The user's page, phrase by phrase: the list that the words test of crates/console reads too.
import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";

const FILE = new URL("../../crates/console/tests/phrases.json", import.meta.url);
/** Governance's port when nobody names another. */
const USUAL_BASE = 8080;

/** All of them, in the page's order. */
export const phrases = () => JSON.parse(readFileSync(FILE, "utf8"));

/** What a reader sees: one space between words. */
export async function shown(page) {
  return (await page.locator("body").innerText()).replace(/\s+/g, " ");
}

/** The page says every phrase it has in this state, and none that would be invented. `url` is the console's. */
export async function saysItsPhrases(page, state, url) {
  const text = await shown(page);
  const base = Number(new URL(url).port) - 8;
  const here = (words) => words.replace(/(?<=^http:\/\/127\.0\.0\.1:)\d+$/, (port) => Number(port) - USUAL_BASE + base);
  const wrong = [];
  for (const { words, in: states = [], shape, missing, instead } of phrases()) {
    if (missing && text.includes(words)) wrong.push(`said although ${missing}: ${words}`);
    if (missing && instead && state === "live" && !text.includes(instead)) wrong.push(`missing in its place: ${instead}`);
    if (!states.includes(state)) continue;
    const found = shape ? new RegExp(`(?<![\\w.])${shape}(?![\\w.])`).test(text) : text.includes(here(words));
    if (!found) wrong.push(`missing: ${words}`);
  }
  expect(wrong, `${page.url()} when ${state}`).toEqual([]);
}
