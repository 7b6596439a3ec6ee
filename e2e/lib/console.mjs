// The console's pages, as a person finds things on them: by names, ids and words, never by looks.
import { expect } from "@playwright/test";

export const OPERATOR_1 = "Governance Operator 1";
export const OPERATOR_2 = "Governance Operator 2";
export const FINANCE = "Finance Reviewer 1";
export const AUDITOR = "Support Auditor 1";

/** A visitor: a page and the way it is used. Without scripts a page changes when it is loaded again. */
export function visitor(page, hand, demo, { scripts = true } = {}) {
  const link = (name) => page.getByRole("link", { name, exact: true });
  const nav = (name) => page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true });
  const button = (action) => page.locator(`button[data-action="${action}"]`);

  const me = {
    page,
    /** Resolves when `check` holds, however the page learns of it. */
    async sees(check) {
      await expect(async () => {
        if (!scripts) await page.reload();
        await check({ timeout: 2_000 });
      }).toPass({ timeout: 60_000 });
    },
    /** Resolves when `check` holds of rows that a page takes only when it is loaded: new ones it just counts. */
    async findsRows(check) {
      await expect(async () => {
        await page.reload();
        await check({ timeout: 2_000 });
      }).toPass({ timeout: 60_000 });
    },
    async open(path = "/") {
      await page.goto(`${demo.console}${path}`);
    },
    /** Becomes a persona by the one button that every page of a demonstration has for it. */
    async signIn(name) {
      await hand.press(page.locator(`#cast button[data-become="${name}"]`));
      await expect(page.locator("#viewer .viewer-name")).toHaveText(name);
    },
    async engine(name) {
      await hand.press(nav("Engines"));
      await hand.press(page.getByRole("rowheader", { name, exact: true }).getByRole("link"));
      await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    },
    async change(title) {
      await hand.press(nav("Changes"));
      await hand.press(link(title));
      await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
    },
    /** Says a verb about the change that is open, and sees it said: with the entry that records it. */
    async say(verb, words) {
      await me.typesFingerprint(verb);
      await hand.press(button(verb));
      await expect(page.locator("#said")).toContainText(words);
      await expect(page.locator("#said a")).toHaveAttribute("href", /^\/entries\/control\/\d+$/);
    },
    /** Says a verb and is refused; the page says why. */
    async isRefused(verb, words) {
      await me.typesFingerprint(verb);
      await hand.press(button(verb));
      const refusal = page.getByRole("alert");
      await expect(refusal).toContainText("Refused");
      await expect(refusal).toContainText(words);
      await expect(refusal).toContainText("To go on:");
    },
    /** Where a verb asks for it: types how the fingerprint of the package begins. Anything else the browser refuses. */
    async typesFingerprint(verb) {
      const field = page.locator(`#act-${verb} input[name="fingerprint"]`);
      if ((await field.count()) === 0) return;
      const refuses = (input) => {
        input.value = "0000 0000";
        const wrong = input.validity.patternMismatch;
        input.value = "";
        return wrong && input.validity.valueMissing;
      };
      expect(await field.evaluate(refuses), "what is mistyped is not sent").toBe(true);
      const fingerprint = await page.locator("#fingerprint").textContent();
      await hand.write(field, fingerprint.slice(0, 9));
    },
    async becomes(status) {
      await me.sees((soon) => expect(page.locator(`#acts[data-status="${status}"]`)).toBeVisible(soon));
    },
    /** From an engine's page to the form of a kind of change, with the engine chosen. */
    async asks(kind, title) {
      await hand.press(page.locator("#ask").getByRole("link", { name: `${title}…`, exact: true }));
      await expect(page.getByRole("heading", { level: 1, name: title, exact: true })).toBeVisible();
      return page.locator(`#ask-${kind}`);
    },
    async askDeployment(release, title) {
      const form = await me.asks("deployment", "Deployment package");
      await hand.choose(form.getByLabel("Artifact"), release);
      await hand.write(form.getByLabel("Title"), title);
      await hand.press(form.getByRole("button"));
      await expect(page.locator("#said")).toContainText("Draft opened");
    },
    async askRollback(reason) {
      const form = await me.asks("rollback", "Rollback package");
      await hand.write(form.getByLabel("Reason"), reason);
      await hand.press(form.getByRole("button"));
      await expect(page.locator("#said")).toContainText("Draft opened");
      await me.sees((soon) => expect(page.locator("#main")).toContainText(reason, soon));
    },
    /** The engine's own page, in the tab that its link opens. */
    async shopShows(version) {
      await me.engine("POD Engine Alpha");
      const opened = page.context().waitForEvent("page");
      await hand.press(page.locator("#shop"));
      const shop = await opened;
      await shop.waitForLoadState();
      await expect(shop.getByRole("contentinfo")).toContainText(new RegExp(`${version.replaceAll(".", "\\.")}$`));
      expect(new URL(shop.url()).origin).toBe(demo.shop("POD Engine Alpha"));
      await shop.close();
    },
    /** Every headline of the ledger is a row of the timeline, in order, with its words and its entry. */
    async timelineShowsEveryHeadline() {
      await hand.press(nav("Audit Logs"));
      await me.sees(async (soon) => {
        const known = await demo.headlines();
        // Of more than a page there is the newest one, and it says which events those are.
        const shown = known.rows.slice(0, PAGE);
        const range = known.headlines > PAGE ? `, 1–${PAGE}` : "";
        await expect(page.locator("#audit-timeline [data-label]")).toHaveText(`${known.headlines} Events${range}`, soon);
        expect(await rows(page)).toEqual(shown.map(wanted));
      });
    },
  };
  return me;
}

/** Events of one page of the timeline. */
const PAGE = 50;

const wanted = (row) => ({
  href: `/entries/${row.log}/${row.index}`,
  title: row.title.trim(),
  sentence: row.sentence.trim(),
  words: `Category: ${row.category} / Severity: ${row.severity}`,
  at: row.at,
});

/** The rows of the timeline as read. */
function rows(page) {
  return page.locator("#events > li").evaluateAll((items) =>
    items.map((item) => {
      const text = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
      const title = item.querySelector("h3");
      const all = [...item.querySelectorAll("p")].map(text);
      return {
        href: title?.querySelector("a")?.getAttribute("href"),
        title: text(title),
        sentence: all[0],
        words: /^Category: \S+ \/ Severity: \S+/.exec(all[1] ?? "")?.[0],
        at: item.querySelector("time")?.getAttribute("datetime"),
      };
    }),
  );
}
