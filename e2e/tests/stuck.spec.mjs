// What does not go on by itself: a held change offers its ways out, and two people take it back.
import { expect } from "@playwright/test";
import { isAccessible } from "../lib/axe.mjs";
import { AUDITOR, OPERATOR_1, OPERATOR_2, visitor } from "../lib/console.mjs";
import { test, useDemo } from "../lib/demo.mjs";
import { mouse } from "../lib/hands.mjs";
import { reflows } from "../lib/wcag.mjs";

const demo = useDemo();

test("a change that is held while it runs offers its ways out, and is taken back by two people", async ({ page }) => {
  test.setTimeout(180_000);
  const me = visitor(page, mouse, demo);
  const ways = page.locator("#ways-out");
  await me.open();
  await me.signIn(OPERATOR_1);
  await me.change("2026.03.1 storefront for POD Engine Alpha");
  await expect(ways, "it only waits for its run").toHaveCount(0);
  await me.say("run", "Run recorded");
  await me.say("hold", "Held");
  await expect(ways.locator("[data-way]")).toHaveCount(2);
  await expect(ways.locator('[data-way="release"]')).toContainText(`held by ${OPERATOR_1}`);
  await expect(ways.locator('[data-way="abort"]')).toContainText("in reverse order");
  await expect(ways.locator('[data-way="abort"]')).toContainText(AUDITOR);
  await isAccessible(page);
  await reflows(page);

  await me.signIn(OPERATOR_2);
  await me.say("abort", "");
  await expect(ways.locator('[data-way="abort"]')).toContainText(`${OPERATOR_2} has asked already`);
  await me.signIn(AUDITOR);
  await me.say("abort", "");
  await me.becomes("failed");
  await expect(ways, "what has ended has no way out").toHaveCount(0);
  await expect(page.locator('.step[data-state="not-begun"]').last()).toContainText("not begun");
  await expect(page.locator('.step[data-state="waiting"]')).toHaveCount(0);
  await isAccessible(page);
});
