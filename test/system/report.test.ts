/// <reference lib="dom" />
/**
 * Goal: a report is read as it was meant in a real browser: on a phone and a wide screen, in light
 * and dark, by eye and by keyboard, with nothing fetched and nothing complained about.
 * Method: Chromium opens pages of hand-made runs of every kind and measures what it laid out.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { summariseAccuracy } from "../../src/benches/accuracy/summary.ts";
import { benchDocument } from "../../src/benches/figures.ts";
import { accuracyTables, renderAccuracyReport } from "../../src/benches/index.ts";
import { renderModel, renderReport } from "../../src/reports/index.ts";
import { sampleAccuracyRows } from "../benches/accuracy/rows.ts";
import { type SampleOptions, sampleRun } from "../reports/sample.ts";
import { violationsOf } from "./axe.ts";
import { launchBrowser } from "./chromium.ts";

const PHONE_WIDTH = 360;
const WIDE_WIDTH = 1200;
/** WCAG 2.2, 1.4.3: of text with what is behind it. */
const MIN_CONTRAST = 4.5;
const MIN_FONT_PX = 10;
/** Boxes of two texts may share a rim of so much. */
const RIM_PX = 2;

const LONG = "a_name_without_a_place_to_break_it".repeat(3).slice(0, 100);

/** What each page is of, and how it is made. */
const PAGES: Readonly<Record<string, () => string>> = {
  "a run with two features": () => pageOf({ map: "plane", searched: true }),
  "a run with a feature with levels": () => pageOf({ map: "cells", nExperts: 8 }),
  "a run with one feature": () => pageOf({ map: "line", searched: true }),
  "a run with many features": () => pageOf({ map: "projection", nSplits: 1 }),
  "a run with one regime": () => pageOf({ nExperts: 1 }),
  "a run with long names": () => pageOf({ map: "cells", searched: true, name: LONG }),
  "a model": modelPage,
  "the accuracy bench": accuracyPage,
};

function modelPage(): string {
  const { facts, result } = sampleRun({ name: LONG });
  const origin = [["Data", LONG]] as const;
  return renderModel({ title: LONG, facts, verdict: result.verdict, origin });
}

function pageOf(options: SampleOptions): string {
  const { result, facts } = sampleRun(options);
  return renderReport(result, facts);
}

function accuracyPage(): string {
  const summary = summariseAccuracy(sampleAccuracyRows());
  const run = benchDocument({ bench: "accuracy", command: LONG, ...summary });
  return renderAccuracyReport(run, accuracyTables(run.measurements));
}

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), "bailiwick-report-"));
});

afterAll(async () => {
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

async function open(
  markup: string,
  { width, scheme }: { readonly width: number; readonly scheme: "light" | "dark" },
): Promise<Opened> {
  const path = join(folder, "report.html");
  writeFileSync(path, markup);
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 800 } });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path).href, { waitUntil: "networkidle" });
  return { page, complaints, requests };
}

/** A text as laid out: its colours as [r, g, b, alpha], its box and the size of its letters. */
interface LaidOut {
  readonly text: string;
  readonly colour: readonly number[];
  readonly behind: readonly number[];
  readonly fontPx: number;
  /** The picture that it is in, by its number; −1 if in none. */
  readonly picture: number;
  readonly box: {
    readonly x: number;
    readonly y: number;
    readonly x2: number;
    readonly y2: number;
  };
}

/** Runs in the page: every element that has text of its own. */
function layOut(): LaidOut[] {
  const numbers = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const pictures = [...document.querySelectorAll("svg")];
  const page = numbers(getComputedStyle(document.body).backgroundColor);
  return [...document.body.querySelectorAll("*")]
    .filter((element) =>
      [...element.childNodes].some((n) => n.nodeType === 3 && n.nodeValue?.trim()),
    )
    .map((element) => {
      const svg = element.closest("svg");
      const style = getComputedStyle(element);
      const { x, y, right, bottom } = element.getBoundingClientRect();
      const scale =
        svg === null ? 1 : svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      return {
        text: element.textContent ?? "",
        colour: numbers(svg === null ? style.color : style.fill),
        behind: page,
        fontPx: scale * Number.parseFloat(style.fontSize),
        picture: svg === null ? -1 : pictures.indexOf(svg),
        box: { x, y, x2: right, y2: bottom },
      };
    });
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const luminance = (colour: readonly number[]): number => {
    const [r, g, b] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

function overlapping(texts: readonly LaidOut[]): readonly string[] {
  return texts.flatMap((a, place) =>
    texts
      .slice(place + 1)
      .filter((b) => a.picture === b.picture && a.picture >= 0)
      .filter(({ box }) => {
        const width = Math.min(a.box.x2, box.x2) - Math.max(a.box.x, box.x);
        const height = Math.min(a.box.y2, box.y2) - Math.max(a.box.y, box.y);
        return width > RIM_PX && height > RIM_PX;
      })
      .map((b) => `"${a.text}" and "${b.text}" of picture ${a.picture}`),
  );
}

describe.each(Object.entries(PAGES))("the report of %s", (_name, make) => {
  test.each(["light", "dark"] as const)("is complete and legible in %s", async (scheme) => {
    const { page, complaints, requests } = await open(make(), { width: WIDE_WIDTH, scheme });
    expect(complaints).toEqual([]);
    expect(requests).toEqual([page.url()]);
    const texts = await page.evaluate(layOut);
    expect(texts.length).toBeGreaterThan(50);
    const faint = texts.filter(({ colour, behind }) => contrast(colour, behind) < MIN_CONTRAST);
    expect(faint).toEqual([]);
    const [r] = texts[0]!.behind;
    expect(r! < 128).toBe(scheme === "dark");
    expect(overlapping(texts)).toEqual([]);
    expect(await violationsOf(page)).toEqual([]);
    await page.close();
  });

  test("fits a phone: nothing scrolls sideways but tables, no letters too small", async () => {
    const { page } = await open(make(), { width: PHONE_WIDTH, scheme: "light" });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE_WIDTH);
    const texts = await page.evaluate(layOut);
    expect(texts.filter(({ fontPx }) => fontPx < MIN_FONT_PX)).toEqual([]);
    expect(overlapping(texts)).toEqual([]);
    const outside = texts.filter(({ picture, box }) => picture >= 0 && box.x2 > PHONE_WIDTH);
    expect(outside).toEqual([]);
    await page.close();
  });
});

test("the keyboard reaches every table that scrolls, by its name", async () => {
  const { page } = await open(pageOf({ searched: true }), { width: PHONE_WIDTH, scheme: "light" });
  const names = await page.evaluate(() =>
    [...document.querySelectorAll(".scroll")].map((table) => table.getAttribute("aria-label")),
  );
  const reached: (string | null)[] = [];
  for (const _ of names) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement!.getAttribute("aria-label")));
  }
  expect(reached).toEqual(names);
  expect(names).toContain("Errors on test rows, mean over the splits");
  expect(names).toContain("Numbers of experts tried, on held-out rows");
  await page.close();
});
