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
  const suspend = await href("/roster", "#people .held a");
  const recall = await href("/engines", "#releases td a");
  const asks = ["/changes/new", "/changes/new?kind=external", "/changes/new?kind=roster-change&edit=leave", "/changes/new?kind=roster-change&edit=add-machine", "/changes/new?kind=settings-change&name=kinds"];
  return ["/", "/?all=1", entry, "/changes", change, ...asks, "/engines", engine, recall, "/sources", "/roster", suspend, "/invitations/new", "/sign-in", "/nowhere"];
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
  "/sources",
  "/roster",
  "/invitations/new",
  "/sign-in",
  "/nowhere",
];
