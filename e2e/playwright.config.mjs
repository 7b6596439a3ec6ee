// Browser tests of the console. Every file has a demonstration of its own, with ports and processes; two files run at once.
import { defineConfig } from "@playwright/test";
import { chromium } from "./lib/chromium.mjs";

export default defineConfig({
  testDir: "tests",
  testMatch: "*.spec.mjs",
  workers: 2,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  // Conditions end every wait; these only bound what never comes, on a machine that is busy with other things.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  outputDir: "../target/e2e",
  use: {
    browserName: "chromium",
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      executablePath: chromium(),
      // The browser has no sandbox of its own here: as root it cannot have one.
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    },
  },
});
