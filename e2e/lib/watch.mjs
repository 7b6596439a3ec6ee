// What a browser complains about while a story is played.
import { expect } from "@playwright/test";

/** Collects errors of the console's pages in a context, violations of the content security policy among them; none is `expected`. */
export async function watch(context, demo, { scripts = true, expected = /(?!)/ } = {}) {
  // Chromium asks a shop's origin for an icon by itself; what a shop answers is another product's matter.
  const isOurs = (message) => !message.location().url || message.location().url.startsWith(demo.console);
  const complaints = [];
  if (scripts) {
    await context.exposeBinding("complainOfPolicy", (_, text) => complaints.push(text));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.complainOfPolicy(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }
  context.on("weberror", (error) => complaints.push(`uncaught: ${error.error()}`));
  context.on("console", (message) => {
    if (message.type() === "error" && isOurs(message) && !expected.test(message.text())) complaints.push(`console: ${message.text()} at ${message.location().url}`);
  });
  return { none: () => expect(complaints).toEqual([]) };
}
