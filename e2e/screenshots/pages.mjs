// Which pages are pictured, and how one comes to each.
import { mouse } from "../lib/hands.mjs";
import { OPERATOR_2, visitor } from "../lib/console.mjs";
import { PAGES_OF_NOTHING } from "../lib/pages.mjs";

const ENGINE = "POD Engine Alpha";
const RELEASE = "POD Storefront Core 2026.03.1";

/** What the pictures want beyond the demonstration: one change that waits for its first approval. */
export async function prepare(page, demo) {
  const me = visitor(page, mouse, demo);
  await me.open();
  await me.signIn(OPERATOR_2);
  await me.engine(ENGINE);
  await me.askDeployment(RELEASE, `The spring release for ${ENGINE}`);
  await me.say("seal", "Sealed");
  return new URL(page.url()).pathname;
}

/** Name and way of each page of a demonstration; `awaiting` is the path of a change that waits. */
export async function ofDemo(page, { console: url }, awaiting) {
  const href = async (path, selector) => {
    await page.goto(`${url}${path}`);
    return page.locator(selector).first().getAttribute("href");
  };
  const go = (path) => (page) => page.goto(`${url}${path}`);
  const effective = await href("/changes", "#changes tr[data-status=effective] th a, #changes tr[data-status=closed] th a");
  const engine = await href("/engines", `#engines tbody th a:text-is("${ENGINE}")`);
  const entry = await href("/", "#events h3 a[href^='/entries/control/']");
  const artifact = await href("/resources", "#resources-artifact th a");
  const tenant = await href("/tenants", "#tenants tbody th a");
  const lease = await href("/tenants", "#tenants .lease-list a");
  return [
    ["audit-logs", go("/")],
    ["changes", go("/changes")],
    ["change-awaiting", go(awaiting)],
    ["change-effective", go(effective)],
    ["engines", go("/engines")],
    ["engine", go(engine)],
    ["engine-readiness", go(`${engine}#readiness`)],
    ["new-engine", go("/engines/new")],
    ["tenants", go("/tenants")],
    ["tenant", go(tenant)],
    ["lease", go(lease)],
    ["new-tenant", go("/tenants/new")],
    ["resources", go("/resources")],
    ["artifact", go(artifact)],
    ["publish", go("/resources/new?what=artifact")],
    ["entry", go(entry)],
    ["sources", go("/sources")],
    ["roster", go("/roster")],
    ["sign-in", go("/sign-in")],
    ["refusal", (page) => refuse(page, `${url}${awaiting}`)],
  ];
}

/** Who sealed a change approves it, and is refused; in an outage the form is sent although its button refuses. */
async function refuse(page, address) {
  await page.goto(address);
  await page.locator("button[data-action=approve]").evaluate((element) => element.form.submit());
  await page.locator("#refusal").waitFor();
}

/** The pages of a console with nothing behind it. */
export function ofNothing({ console: url }) {
  const names = ["/", "/entries/control/0", "/changes", "/engines", "/sources", "/roster", "/sign-in", "/nowhere"];
  const called = { "/": "audit-logs", "/entries/control/0": "entry", "/nowhere": "refusal" };
  const paths = PAGES_OF_NOTHING.filter((path) => names.includes(path));
  return paths.map((path) => [called[path] ?? path.slice(1), (page) => page.goto(`${url}${path}`)]);
}

