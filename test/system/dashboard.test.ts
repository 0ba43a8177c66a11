/// <reference lib="dom" />
/**
 * Goal: the server's page shows what the server knows, takes a row, sees a new version, works by
 * keyboard, on a phone and a wide screen, in light and dark, and asks nobody else for anything.
 * Method: the command serves a bundle with explanations; Chromium opens the page, clicks, types.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "../../src/api/client/index.ts";
import { type ServerProcess, startServer } from "../../src/benches/serving/process.ts";
import { readBundle, writeBundle } from "../../src/bundle/index.ts";
import { makeContent } from "../bundle/models.ts";
import { violationsOf } from "./axe.ts";
import { launchBrowser } from "./chromium.ts";
import { commandLine } from "./command-line.ts";

const TOKEN = "correct-horse-battery";
const NAME = "concrete";
const ROW = { cement: 540, blast_furnace_slag: 0, fly_ash: 0, water: 162 };
const REST = { superplasticizer: 2.5, coarse_aggregate: 1040, fine_aggregate: 676, age: 28 };

let browser: Browser;
let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), "bailiwick-dashboard-"));
  cpSync(join("models", NAME), join(folder, NAME), { recursive: true });
  server = await startServer(commandLine(), [join(folder, NAME)]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

async function open(origin: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`${origin}/`);
  return { page, complaints, requests };
}

async function openModel(options: BrowserContextOptions = {}): Promise<Opened> {
  const opened = await open(server.origin, options);
  await opened.page.getByRole("heading", { name: NAME }).waitFor();
  return opened;
}

describe("the page", () => {
  test("shows regimes, their nodes, versions and hashes, and asks only its server", async () => {
    const { page, complaints, requests } = await openModel();
    const { manifest, digest } = await readBundle(join(folder, NAME));
    const text = await page.locator("main").textContent();
    for (const { id, blob } of manifest.members[0]!.experts) {
      expect(text).toContain(id);
      expect(text).toContain(blob.slice(0, 12));
    }
    expect(text).toContain(digest.slice(0, 12));
    expect(text).toContain("predicts compressive_strength");
    expect(text).toMatch(/(cement|water|age|fly_ash|fine_aggregate|superplasticizer) [<≥]/);
    expect(text).toContain("partitioning: not worth it");
    expect(await page.getByRole("status").first().textContent()).toBe("live");
    expect(complaints).toEqual([]);
    for (const url of requests) expect(url.startsWith(server.origin)).toBe(true);
    await page.close();
  });

  test("a row tried by keyboard alone gets the server's number, its route and why", async () => {
    const { page, complaints } = await openModel();
    const row = { ...ROW, ...REST };
    await page.getByLabel("cement").focus();
    for (const [name, value] of Object.entries(row)) {
      expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe(
        name,
      );
      await page.keyboard.press("Control+a");
      await page.keyboard.type(String(value));
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    const answer = page.getByRole("status").nth(1);
    await answer.locator("strong").waitFor();
    const client = createClient({ url: server.origin });
    const { predictions, routes } = await client.predict([row], { explain: true });
    const shown = predictions[0]!.toLocaleString("en", { maximumSignificantDigits: 4 });
    expect(await answer.locator("strong").textContent()).toBe(shown);
    expect(await answer.textContent()).toContain(`Routed to ${routes![0]!.members[0]!.expert}`);
    expect(await answer.textContent()).toMatch(/Novelty [\d.]+: (un)?like/);
    const { lower, upper } = await client.predict([row], { interval: 0.9 });
    const bounds = [lower!, upper!].map(([bound]) =>
      bound!.toLocaleString("en", { maximumSignificantDigits: 4 }),
    );
    expect(await answer.textContent()).toContain(
      `The compressive_strength of 90 % of such rows is ${bounds[0]} to ${bounds[1]}.`,
    );
    const why = answer.getByRole("table", { name: `Why ${shown}` });
    expect((await why.getByRole("rowheader").allTextContents()).sort()).toEqual(
      Object.keys(row).sort(),
    );
    const effects = page.locator(".effects");
    await effects.getByRole("heading", { name: `How ${shown} changes` }).waitFor();
    const curves = effects.getByRole("img", { name: "compressive_strength as " });
    expect(await curves.count()).toBe(3);
    const dotted = await curves.evaluateAll((pictures) =>
      pictures.map((picture) => {
        const [curve, dot] = [picture.querySelector(".curve"), picture.querySelector(".dot")];
        const at = `${dot?.getAttribute("x1")},${dot?.getAttribute("y1")}`;
        return curve?.getAttribute("points")?.split(" ").includes(at);
      }),
    );
    expect(dotted).toEqual([true, true, true]);
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("traffic is counted as it comes, by expert", async () => {
    const { page } = await openModel();
    const rows = Array.from({ length: 200 }, () => ({ ...ROW, ...REST }));
    const { routes } = await createClient({ url: server.origin }).predict(rows, { explain: true });
    const { expert } = routes![0]!.members[0]!;
    const card = page.locator("li", { hasText: expert });
    await expect
      .poll(() => card.textContent(), { timeout: 10_000 })
      .toMatch(/[2-9]\d\d rows served/);
    const served = await page.locator("li", { hasText: "rows served" }).evaluateAll((cards) =>
      cards.map((one) => {
        const [track, bar] = [one.querySelector(".bar"), one.querySelector(".bar > div")];
        const [all = 0, part = 0] = [track, bar].map((box) => box?.getBoundingClientRect().width);
        const [, share] = /rows served, ([\d.]+) %/.exec(one.textContent ?? "") ?? [];
        return { width: part / all, share: Number(share) / 100 };
      }),
    );
    expect(served).toHaveLength(4);
    for (const { width, share } of served) expect(width).toBeCloseTo(share, 2);
    for (const [name, kinds] of [
      ["Rows a second: up to", ".bar-rows"],
      ["Latency: mean", ".bar-mean"],
    ] as const) {
      const chart = page.getByRole("img", { name });
      await expect.poll(() => chart.locator(kinds).count()).toBeGreaterThan(0);
    }
    await page.close();
  });

  test("a new version is seen taking over, and what was typed stays", async () => {
    const { page } = await openModel();
    await page.getByLabel("cement").fill("432.1");
    const bundle = await readBundle(join(folder, NAME));
    const { provenance, members } = bundle.manifest;
    const { model, explanation } = bundle;
    const facts = { provenance, experts: members.map(({ experts }) => experts) };
    await writeBundle(join(folder, NAME), { model, facts, ...(explanation && { explanation }) });
    await page.getByText("version 2 replaced 1").waitFor({ timeout: 60_000 });
    expect(await page.locator("tr.current").textContent()).toContain("2, served");
    expect(await page.getByLabel("cement").inputValue()).toBe("432.1");
    await page.close();
  });
});

describe("the page is laid out", () => {
  for (const [width, colorScheme] of [
    [360, "dark"],
    [1400, "light"],
  ] as const) {
    test(`${width} px wide, ${colorScheme}: nothing is cut, every field has a name`, async () => {
      const { page } = await openModel({ viewport: { width, height: 800 }, colorScheme });
      const { scrolls, unnamed, back } = await page.evaluate(() => ({
        scrolls: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        unnamed: [...document.querySelectorAll("main input, main select")].filter(
          (field) => (field as HTMLInputElement).labels?.length !== 1,
        ).length,
        back: getComputedStyle(document.body).backgroundColor,
      }));
      expect(scrolls).toBe(false);
      expect(unnamed).toBe(0);
      expect(back).toBe(colorScheme === "dark" ? "rgb(20, 23, 26)" : "rgb(255, 255, 255)");
      expect(await violationsOf(page)).toEqual([]);
      await page.close();
    });
  }
});

describe("a server of two models, one of them a committee,", () => {
  let both: ServerProcess;
  beforeAll(async () => {
    const committee = makeContent({ seed: 5, experts: ["mlp", "ridge"], gate: "svm", nMembers: 3 });
    await writeBundle(join(folder, "committee"), committee);
    both = await startServer(commandLine(), [join(folder, NAME), join(folder, "committee")]);
  });
  afterAll(() => both?.close());

  test("shows them as tabs, and the committee as one model with its members", async () => {
    const { page, complaints } = await open(both.origin);
    const tabs = page.getByRole("tab");
    await tabs.first().waitFor();
    expect(await tabs.allTextContents()).toEqual([NAME, "committee"]);
    const headings = page.getByRole("heading", { level: 2 });
    expect(await headings.allTextContents()).toEqual([NAME]);
    await tabs.first().focus();
    await page.keyboard.press("ArrowRight");
    expect(await headings.allTextContents()).toEqual(["committee"]);
    const panel = page.getByRole("tabpanel");
    const members = panel.getByRole("group", { name: "members" });
    expect(await members.getByRole("rowheader").allTextContents()).toEqual(["m0", "m1", "m2"]);
    expect(await panel.textContent()).toContain("the weighted mean of 3 members");
    await panel.getByRole("button", { name: "Predict" }).click();
    const answer = panel.getByRole("status");
    await answer.locator("strong").waitFor();
    expect(await answer.textContent()).toContain("The weighted answers of 3 members");
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("has examples of its models on the page of its API, which sends them", async () => {
    const { page, complaints } = await open(both.origin, { viewport: { width: 390, height: 800 } });
    await page.getByRole("link", { name: "API" }).click();
    const body = page.getByLabel("Body of");
    await expect.poll(() => body.inputValue()).toContain('"fly_ash": 0');
    const sent: unknown = JSON.parse(await body.inputValue());
    expect(sent).toMatchObject({ model: NAME, rows: [{ cement: 272.9 }], explain: true });
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("200 OK").waitFor();
    const reply: unknown = JSON.parse((await page.getByLabel("answer").textContent()) ?? "");
    expect(reply).toMatchObject({ model: NAME, predictions: [expect.any(Number)] });
    expect(await page.getByLabel("command").textContent()).toContain(`${both.origin}/v1/predict`);
    await page.getByLabel("Model").selectOption("committee");
    expect(await body.inputValue()).toContain('"model": "committee"');
    await body.fill('{"rows": 1}');
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("400 Bad Request").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    const isWide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect(isWide).toBe(false);
    expect(complaints.filter((text) => !text.includes("400"))).toEqual([]);
    await page.close();
  });
});

test("a server that asks for a token gets it from the form, and a wrong one is said so", async () => {
  const tokens = join(folder, "tokens");
  writeFileSync(tokens, `${TOKEN}\n`);
  const flags = ["--token-file", tokens];
  const guarded = await startServer(commandLine(), [join(folder, NAME), ...flags]);
  try {
    const { page } = await open(guarded.origin);
    const field = page.getByLabel("This server asks for a token");
    await field.fill("x".repeat(TOKEN.length));
    await page.keyboard.press("Enter");
    await page.getByText("a token is needed").waitFor();
    await expect.poll(() => field.inputValue()).toBe("");
    await field.fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: NAME }).waitFor();
    expect(await field.isVisible()).toBe(false);
    const kept = await page.evaluate(() => [document.cookie, localStorage.length]);
    expect(kept).toEqual(["", 0]);
    await page.close();
  } finally {
    await guarded.close();
  }
});
