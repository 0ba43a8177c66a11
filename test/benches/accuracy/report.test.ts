/**
 * Goal: the accuracy bench's page says what was found, to everyone, and is safe to open.
 * Method: pages of rows by a seed are parsed and held against the summary; names are hostile.
 */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { summariseAccuracy } from "../../../src/benches/accuracy/summary.ts";
import { benchDocument } from "../../../src/benches/figures.ts";
import {
  type AccuracyRow,
  accuracyTables,
  renderAccuracyReport,
} from "../../../src/benches/index.ts";
import { accuracyRow, sampleAccuracyRows } from "./rows.ts";

type Document = ReturnType<typeof parseHTML>["document"];

const HOSTILE = '"><script>alert(1)</script><svg onload=alert(1)>';

function open(rows: readonly AccuracyRow[], command = "bailiwick bench accuracy") {
  const run = benchDocument({ bench: "accuracy", command, ...summariseAccuracy(rows) });
  const markup = renderAccuracyReport(run, accuracyTables(run.measurements));
  return { run, markup, document: parseHTML(markup).document };
}

function texts(document: Document, selector: string): string[] {
  return [...document.querySelectorAll(selector)].map(({ textContent }) => textContent ?? "");
}

const WHOLE = open(sampleAccuracyRows());

test("it states the results first, then draws, then gives every number", () => {
  const { document, run } = WHOLE;
  expect(texts(document, ".lead")).toEqual([
    "20 real sets, 3 generated, 2 other, 125 splits in all",
  ]);
  const { gm, wins } = run.measurements.rivals.find(({ rival }) => rival === "single")!;
  const [verdict] = texts(document, "header .verdict");
  expect(verdict).toContain(`Networks: MSE ${(100 * (1 - gm)).toFixed(1)} % lower than a\nsingle`);
  expect(verdict).toContain(`over 20 real sets: lower on ${wins} (`);
  expect(texts(document, "h2")).toEqual([
    "How the methods rank",
    "Against a single net, set by set",
    ...accuracyTables(run.measurements).map(({ title }) => title),
    "Figures",
    "How this was made",
  ]);
  expect(texts(document, "header li").at(-1)).toMatch(/^\d+ of 16 figures hold their bounds/);
});

test("ranks are drawn with bars of the critical difference, and read aloud", () => {
  const { document, run } = WHOLE;
  const { methods, difference } = run.measurements.ranks!;
  const [figure] = [...document.querySelectorAll("figure")];
  expect(figure!.querySelectorAll("circle")).toHaveLength(methods.length);
  const label = figure!.querySelector("svg")!.getAttribute("aria-label");
  const [best] = methods;
  expect(label).toContain(`lower is better: ${best!.name} ${best!.rank.toFixed(2)}, `);
  expect(label).toContain(`critical difference ${difference.toFixed(2)}.`);
});

test("reductions are drawn for each real set, the largest first, marks included", () => {
  const { document, run } = WHOLE;
  const figure = [...document.querySelectorAll("figure")][1]!;
  expect(figure.querySelectorAll("circle")).toHaveLength(2 * 20);
  const names = texts(figure as never, "[data-mark='y-axis tick label'] text");
  const reductions = run.measurements.sets
    .filter(({ kind }) => kind === "real")
    .map(({ set, convergence, comparisons }) => ({
      name: convergence === "converged" ? set : `${set}*`,
      all: comparisons.find(({ ours, rival }) => ours === "all" && rival === "single")!.reduction,
    }))
    .sort((a, b) => b.all - a.all);
  expect(names).toEqual(reductions.map(({ name }) => name));
});

test("tables hold what the terminal shows, and figures how they were taken", () => {
  const { document, run } = WHOLE;
  const tables = accuracyTables(run.measurements);
  const shown = [...document.querySelectorAll("table")];
  expect(shown).toHaveLength(tables.length + 1);
  tables.forEach(({ rows }, place) => {
    const cells = texts(shown[place] as never, "tbody th, tbody td");
    expect(cells).toEqual(rows.flat());
  });
  const [how, made] = [...document.querySelectorAll("dl")];
  expect(how!.querySelectorAll("dt")).toHaveLength(run.figures.length);
  expect(made!.textContent).toContain(run.command);
  expect(made!.textContent).toContain("xgboost 3.0.5");
});

test("without a real set nothing is claimed, and nothing is drawn", () => {
  const { document } = open([accuracyRow({ set: "cars", mse: { nn: 1, all: 1, single: 2 } })]);
  expect(texts(document, ".verdict strong")).toEqual(["Nothing is claimed"]);
  expect(document.querySelectorAll("svg")).toHaveLength(0);
  expect(texts(document, "h2")[0]).toBe("Other sets, not counted: test MSE, ours ÷ theirs");
  expect(document.body.textContent).not.toMatch(/NaN|undefined/);
});

test("one split of one set without peers has a page", () => {
  const { document } = open([accuracyRow({ set: "yacht", mse: { nn: 1, all: 1, single: 1 } })]);
  expect(texts(document, ".verdict strong")[0]).toContain("Networks: the same MSE as a");
  expect(document.body.textContent).not.toMatch(/NaN|undefined/);
});

test("it loads nothing, runs nothing, and names stay text", () => {
  const rows = sampleAccuracyRows({ sets: ["yacht", HOSTILE], nSplits: 2 });
  const { markup, document } = open(rows, HOSTILE);
  expect(document.querySelectorAll("script, link, img, iframe, a")).toHaveLength(0);
  expect(markup).not.toMatch(/<script|\ssrc\s*=|url\(|@import/i);
  expect(document.body.textContent).toContain(HOSTILE);
  expect(open(rows, HOSTILE).markup.length).toBe(markup.length);
});
