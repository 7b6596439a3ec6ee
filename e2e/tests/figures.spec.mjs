// Every row and figure of the first page leads to an entry or a probe, and that says the same.
import { expect } from "@playwright/test";
import { OPERATOR_1, visitor } from "../lib/console.mjs";
import { shareDemo, test } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { phrases, saysItsPhrases } from "../lib/phrases.mjs";
import { reader } from "../lib/reader.mjs";

const demo = shareDemo();
let sources;

test.beforeEach(async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_1);
  sources = await reader(page, demo.console);
});

test.afterEach(() => sources.close());

/** The items of a section: words, the link, the instant. */
function items(page, selector) {
  return page.locator(selector).evaluateAll((all) =>
    all.map((item) => ({
      text: item.textContent.replace(/\s+/g, " ").trim(),
      title: item.querySelector("h3, strong")?.textContent.trim(),
      sentence: item.querySelector("p")?.textContent.replace(/\s+/g, " ").trim(),
      href: item.querySelector("h3 a, dd a, strong a")?.getAttribute("href") ?? null,
      at: item.querySelector("time")?.dateTime ?? null,
      state: item.dataset.state,
      name: item.querySelector("dt")?.textContent,
      value: item.querySelector("dd")?.textContent,
    })),
  );
}

const label = (page, section) => page.locator(`#${section} [data-label]`).textContent();

test("live: the page says its phrases", async ({ page }) => {
  await saysItsPhrases(page, "live", demo.console);
});

test("the timeline is the ledger's headlines, and each row leads to the entry that says the same", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.timelineShowsEveryHeadline();
  for (const row of await items(page, "#events > li")) {
    const entry = await sources.read(row.href);
    expect(entry.times, row.href).toContain(row.at);
    expect(entry.rows.filter((said) => said.includes(row.title) && said.includes(row.sentence)).length, `${row.href}: ${row.title}`).toBeGreaterThan(0);
  }
  // With everything shown it is every row of both logs.
  await page.locator("#all-entries").click();
  await me.sees(async (soon) => {
    const { total } = await demo.entries();
    await expect(page.locator("#audit-timeline [data-label]")).toHaveText(new RegExp(`^${total} `), soon);
  });
});

test("each source is what its probe says, here and on its own page", async ({ page }) => {
  const row = (li) => li.evaluateAll((all) => all.map((one) => [one.id, one.dataset.health, one.querySelector("h3").textContent, one.querySelector("a").href]));
  const here = await row(page.locator("#source-coverage li[data-health]"));
  expect(here.length).toBe(5);
  for (const [id, , , href] of here) {
    expect(href).toBe(`${demo.file.services[id]}/readyz`);
    expect(JSON.parse((await sources.read(href)).text)).toMatchObject({ service: id, ready: true });
  }
  // The latency is that of the last probe: both pages, read between two probes, say the same one.
  const latencies = (text) => text.match(/Latency (\d+ ms|unknown)/g);
  await expect(async () => {
    const [one, other] = await Promise.all(["/", "/sources"].map((path) => page.request.get(`${demo.console}${path}`).then((answer) => answer.text())));
    expect(latencies(one).length).toBe(5);
    expect(latencies(one)).toEqual(latencies(other));
  }).toPass();
  await expect(page.locator("#chip-sources")).toHaveText("5/5 Live Sources");
  await page.goto(`${demo.console}/sources`);
  expect(await row(page.locator("#source-coverage li[data-health]"))).toEqual(here);
});

test("every value of the package's summary is that of its entry, its change or its node", async ({ page }) => {
  const change = (await demo.read("/v1/changes")).find(({ kind, status, about }) => kind === "deployment" && status === "approved" && about === "POD Engine Alpha");
  const names = change.slots.map(({ name }) => name);
  const open = await page.locator("#deployment-package-summary a.open-change, #deployment-package-summary a", { hasText: "Open the package" }).getAttribute("href");
  expect(open).toBe(`/changes/${change.id}`);
  const facts = await items(page, "#deployment-package-summary .fact, #deployment-package-summary dl > div");
  const fact = (name) => facts.find((one) => one.name === name);
  expect(fact("Approved by").value).toBe(names.join(" + "));
  expect(fact("Approved at").at).toBe(change.slots.map(({ at }) => at).toSorted().at(-1));
  expect(fact("Production Node").value).toBe(change.node);
  expect(fact("Release").value).toBe(change.artifact.name);
  expect(fact("To be run by").at).toBe(change.deadline);
  for (const slot of change.slots) {
    const entry = await sources.read(`/entries/control/${slot.entry}`);
    expect(entry.text).toContain(slot.name);
    expect(entry.times).toContain(slot.at);
  }
  for (const { name, value, href, at } of facts) {
    if (!href) continue;
    const source = await sources.read(href);
    if (at) expect(source.times, `${name} at ${href}`).toContain(at);
    if (name === "Release" || name === "Production Node") expect(source.text, `${name} at ${href}`).toContain(value);
    if (name === "Approved by") for (const one of names) expect(source.text).toContain(one);
    if (name === "Fallback release") expect(source.text).toContain("effective");
  }
});

test("the trace is the package's own entries, and counts them", async ({ page }) => {
  const stages = await items(page, "#package-audit-trace li[data-state]");
  const done = stages.filter(({ href }) => href?.startsWith("/entries/"));
  expect(await label(page, "package-audit-trace")).toBe(`${done.length} Events`);
  expect(done.length).toBeGreaterThan(3);
  for (const stage of done) {
    const entry = await sources.read(stage.href);
    expect(entry.times, stage.title).toContain(stage.at);
    if (/Governance Operator \d|Finance Reviewer \d/.test(stage.sentence)) {
      expect(entry.text).toContain(/(Governance Operator|Finance Reviewer) \d/.exec(stage.sentence)[0]);
    }
  }
  for (const gap of stages.filter((stage) => !done.includes(stage))) expect(gap.sentence).toMatch(/^Not yet/);
});

test("what is bound, the way back and the rules say what their evidence says", async ({ page }) => {
  for (const section of ["bound-resources", "rollback-readiness", "retirement-workflow", "lifecycle-guardrails"]) {
    const all = await items(page, `#${section} li[data-state]`);
    expect(all.length, section).toBeGreaterThan(1);
    for (const item of all) {
      // What claims to be so has evidence; what is not in this build says so.
      if (item.state === "not-in-this-build") expect(item.text).toContain("Not in this build");
      else expect(item.href, `${section}: ${item.title}`).not.toBeNull();
      if (item.href) await sources.read(item.href);
      const last = /Last decided: (.+) \((.+), (\w+ \d+, \d+ at .+ ET)\)\./.exec(item.text);
      if (!last) continue;
      const entry = await sources.read(item.href);
      for (const said of last.slice(1)) expect(entry.text, item.href).toContain(said);
    }
  }
  expect(await label(page, "lifecycle-guardrails")).toBe(`${await page.locator("#lifecycle-guardrails li[data-state]").count()} Notes`);
  const artifact = (await demo.read("/v1/changes")).find(({ status, about }) => status === "approved" && about === "POD Engine Alpha").artifact;
  await expect(page.locator("#bound-resources")).toContainText(`Version ${artifact.version}, sha256 ${artifact.artifact.slice(0, 12)}; certified.`);
});

test("the catalogue is the kind table's, with what is open", async ({ page }) => {
  const [{ kinds }, changes] = [await demo.read("/v1/kinds"), await demo.read("/v1/changes")];
  const title = (role) => role.replace(/(^|-)(\w)/g, (_, dash, letter) => (dash ? " " : "") + letter.toUpperCase());
  const listed = kinds.filter((kind) => kind.in_catalogue);
  const OPEN = ["draft", "sealed", "awaiting-approval", "approved", "executing", "unwinding"];
  for (const kind of listed) {
    const row = page.locator(`#workflow-${kind.name}`);
    await expect(row).toHaveAttribute("data-in-this-build", "true");
    await expect(row).toContainText(`Required Role: ${kind.slots.map(({ roles }) => roles.map(title).join(" or ")).join(" + ")}`);
    const open = changes.filter((change) => change.kind === kind.name && OPEN.includes(change.status)).length;
    await expect(row).toContainText(`${open} open`);
    await sources.read(await row.getByRole("link").first().getAttribute("href"));
  }
  const rows = page.locator("#privileged-workflow-catalog li[data-in-this-build]");
  expect(await label(page, "privileged-workflow-catalog")).toBe(`${await rows.count()} Workflows`);
  await expect(page.locator('#privileged-workflow-catalog li[data-in-this-build="false"]')).toHaveText(Array(await rows.count() - listed.length).fill(/Not in this build/));
  await expect(page.locator("#privileged-workflow-catalog")).toContainText(`${listed.length} of ${await rows.count()} in this build`);
});

test("sizes and instants of the head are the ledger's, and every link of the page answers", async ({ page }) => {
  const me = visitor(page, mouse, demo);
  await me.sees(async (soon) => {
    const { control_size, events_size } = await demo.read("/v1/ledger");
    await expect(page.locator("#rests-on")).toHaveText(`${control_size} entries in the control log, ${events_size} in the events log.`, soon);
  });
  await expect(page.locator("#chip-updated")).toHaveAttribute("title", await page.locator("#last-update time").getAttribute("datetime"));
  const hrefs = await page.locator("#head a[href], #panels a[href], #audit-timeline a[href]").evaluateAll((links) => [...new Set(links.map((link) => link.getAttribute("href")))]);
  expect(hrefs.filter((href) => href.startsWith("/entries/")).length).toBeGreaterThan(5);
  for (const href of hrefs) {
    const target = await sources.read(href);
    // A link to a place on a page leads to something there.
    if (/^\/[^?]*#/.test(href)) expect(target.anchor, href).toBeTruthy();
  }
  const chips = await page.locator("#chips li").evaluateAll((all) => all.filter((chip) => !chip.querySelector("a[href]")).map((chip) => chip.textContent));
  expect(chips, "chips that lead nowhere").toEqual([]);
});

test("no figure stands without its evidence", async ({ page }) => {
  // The page's own words have numbers too, and what is not there has no evidence.
  const words = phrases().filter(({ words, shape }) => /\d/.test(words) && !shape).map(({ words }) => words);
  const bare = await page.locator("#main").evaluate((main, words) => {
    const found = [];
    const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const element = node.parentElement;
      const named = node.data.replace(/(Operator|Reviewer|Auditor) \d/g, "");
      const text = words.reduce((rest, phrase) => rest.replace(phrase, ""), named);
      if (!/\d/.test(text) || !element.checkVisibility() || element.closest("select, button, [aria-hidden=true]")) continue;
      const row = element.closest("li, dl > div") ?? element.closest("p");
      if (!row?.querySelector("a[href]") && !row?.closest("a[href]")) found.push(`${row?.closest("[id]").id}: ${node.data.trim()}`);
    }
    return found;
  }, words);
  expect(bare).toEqual([]);
});
