// Every page there is, one of each kind.

const NO_ID = "0".repeat(32);

/** The paths of all pages of a demonstration, as far as this visitor is shown a way to them. */
export async function everyPage(page, url) {
  const href = async (path, selector) => {
    await page.goto(`${url}${path}`);
    return page.locator(selector).first().getAttribute("href");
  };
  const change = await href("/changes", "#changes tbody th a");
  const engine = await href("/engines", "#engines tbody th a");
  const entry = await href("/", "#events h3 a[href^='/entries/control/']");
  const tenant = await href("/tenants", "#tenants tbody th a");
  const lease = await href("/tenants", "#tenants .lease-list a");
  const suspend = await href("/roster", "#people .held a");
  const recall = await href("/resources", "#resources-artifact td[data-label=Recall] a");
  const artifact = await href("/resources", "#resources-artifact th a");
  const published = ["/resources", artifact, recall, "/resources/new", "/resources/new?what=theme", "/resources/new?what=config"];
  const asks = ["/changes/new", "/changes/new?kind=external", "/changes/new?kind=roster-change&edit=leave", "/changes/new?kind=roster-change&edit=add-machine", "/changes/new?kind=settings-change&name=kinds", "/changes/new?kind=lease-grant"];
  return ["/", "/?all=1", entry, "/changes", change, ...asks, "/engines", engine, "/engines/new", "/tenants", tenant, lease, "/tenants/new", ...published, "/sources", "/roster", suspend, "/invitations/new", "/sign-in", "/nowhere"];
}

/** The same kinds of page where there is nothing to show. */
export const PAGES_OF_NOTHING = [
  "/",
  "/?all=1",
  "/entries/control/0",
  "/entries/events/0",
  "/changes",
  `/changes/${NO_ID}`,
  "/changes/new",
  "/engines",
  `/engines/${NO_ID}`,
  "/engines/new",
  "/tenants/new",
  "/resources",
  "/resources/new",
  "/tenants",
  `/tenants/${NO_ID}`,
  `/leases/${NO_ID}`,
  "/sources",
  "/roster",
  "/invitations/new",
  "/sign-in",
  "/nowhere",
];
