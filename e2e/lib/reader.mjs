// Reads what links lead to, without leaving the page that has them.
import { expect } from "@playwright/test";

/** A reader with the cookies of `page`'s context; `url` is the console's. */
export async function reader(page, url) {
  // Pages of the console let nobody parse HTML: an empty one does.
  const desk = await page.context().newPage();
  const known = new Map();

  /** The answer behind a link: it is 200, and what a reader sees of it is text, times and rows. */
  async function read(href) {
    if (!known.has(href)) known.set(href, await fetched(href));
    return known.get(href);
  }

  async function fetched(href) {
    const whole = new URL(href, url);
    const answer = await page.request.get(whole.href, { maxRedirects: 0 });
    expect(answer.status(), href).toBe(200);
    const body = await answer.text();
    if (whole.origin !== new URL(url).origin) return { text: body };
    return desk.evaluate(
      ({ body, hash }) => {
        const seen = new DOMParser().parseFromString(body, "text/html");
        const plain = (element) => element?.textContent.replace(/\s+/g, " ").trim();
        const main = seen.querySelector("#main");
        return {
          text: plain(main),
          times: [...main.querySelectorAll("time")].map((time) => time.dateTime),
          rows: [...main.querySelectorAll("#properties .events > li, #properties ol > li")].map(plain),
          anchor: hash ? plain(seen.querySelector(hash)) : "",
        };
      },
      { body, hash: whole.hash },
    );
  }

  return { read, close: () => desk.close() };
}
