// What strangers may write, and what must come of it: text.
import { expect } from "@playwright/test";
import { reflows } from "./wcag.mjs";

/** In every text below, so that a log or a page that has it is found. */
export const MARK = "hurt";
/** Nobody can break it over lines but the page. */
export const LONG_WORD = `${MARK}${"W".repeat(196)}`;

/** Texts that are recorded as they are. */
export const TEXTS = [
  `<script>window.hurt=1</script>`,
  `"><img src=x onerror="window.hurt=1">`,
  `' onmouseover='window.hurt=1' autofocus onfocus='window.hurt=1`,
  `javascript:window.hurt=1//`,
  `{{7*7}} \${7*7} <%= 7*7 %> {% hurt %} #{7*7}`,
  `<b hx-get="/sign-out" hx-trigger="load" hx-on:load="window.hurt=1">hurt</b>`,
  `<svg/onload=window.hurt=1><animate onbegin=window.hurt=1>`,
  `&lt;script&gt;window.hurt=1&lt;/script&gt; &#60;b&#62; &amp;hurt`,
  `</title></textarea></pre></script><!-- hurt ]]> <base href=//hurt.example>`,
  `hurt <iframe srcdoc="<script>parent.hurt=1</script>"></iframe><form action=//hurt.example>`,
  `zero\u200bwidth\u200djoined\u00adhurt\ufeff`,
  LONG_WORD,
];

/** All of them in one line. */
export const ALL = TEXTS.join(" ");

/** Texts that no canonical text may hold: control and bidi characters, what is not NFC. */
export const REFUSED = ["a\u0000b", "a\r\nSet-Cookie: hurt=1", "a\u001b[31mb", "a\u007fb", "a\u0085b", "a\u202eb", "a\u2066b", "e\u0301"];

/** Nothing of what strangers wrote became anything but text on this page, and the page still fits a phone. */
export async function staysText(page) {
  const found = await page.evaluate(() => {
    const own = (element) => element.closest("#refresh, #live, #new-events, #required-again");
    const attributes = [...document.querySelectorAll("*")].flatMap((element) =>
      [...element.attributes].filter(({ name }) => /^on|^hx-on/.test(name) || (name.startsWith("hx-") && !own(element))).map(({ name }) => `${element.localName} ${name}`),
    );
    const injected = [...document.querySelectorAll("main img, iframe, object, embed, base, animate, svg:not([role=img]), b[hx-get], form[action*='//']")];
    const scripts = [...document.scripts].filter((script) => !script.getAttribute("src")?.startsWith("/assets/") || script.textContent);
    const links = [...document.links].filter((link) => !/^https?:$/.test(link.protocol) || link.host.includes("hurt"));
    return [...attributes, ...[...injected, ...scripts, ...links].map((element) => element.outerHTML.slice(0, 120)), window.hurt].filter(Boolean);
  });
  expect.soft(found, `injected into ${page.url()}`).toEqual([]);
  await reflows(page);
}
