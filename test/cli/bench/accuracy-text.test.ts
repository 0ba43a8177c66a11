/**
 * Goal: whoever reads the accuracy bench in a terminal sees what its figures are made of.
 * Method: rows by a seed; lines are looked for, and numbers held against the summary.
 */
import { expect, test } from "vitest";
import { summariseAccuracy } from "../../../src/benches/accuracy/summary.ts";
import type { AccuracyRow } from "../../../src/benches/index.ts";
import { renderAccuracy } from "../../../src/cli/bench/accuracy-text.ts";
import { jsonByLines } from "../../../src/cli/output.ts";
import { accuracyRow, sampleAccuracyRows } from "../../benches/accuracy/rows.ts";

function textOf(rows: readonly AccuracyRow[]): string {
  return renderAccuracy(summariseAccuracy(rows));
}

/** The lines of the table below a title, by the first word of each. */
function tableOf(text: string, title: string): ReadonlyMap<string, string> {
  const below = text.slice(text.indexOf(`${title}\n\n`) + title.length + 2);
  const lines = below.slice(0, below.indexOf("\n\n")).split("\n").slice(2);
  return new Map(lines.map((line) => [line.split(/\s+/)[0]!, line]));
}

const RATIOS = "Real sets: test MSE, ours ÷ theirs";

test("a set's line has its ratios, marked where they are significant", () => {
  const errors = { nn: 0.5, all: 0.25, single: 1, ensemble4: 0.4, xgboost: 0.5 };
  const rows = [0, 1, 2].map((split) =>
    accuracyRow({ set: "yacht", split, mse: { ...errors, longer: 0.9, shorter: 1 } }),
  );
  const line = tableOf(textOf(rows), RATIOS).get("yacht*")!;
  expect(line).toMatch(
    /^yacht\*\s+100\s+3\s+↓ 0\.500\s+↑ 1\.250\s+–\s+↓ 0\.250\s+↓ 0\.500\s+xgboost$/,
  );
});

test("every table of sets marks those whose single net has not converged or was not checked", () => {
  const mse = { nn: 1, all: 1, single: 1 };
  const rows = [
    accuracyRow({ set: "yacht", mse: { ...mse, longer: 0.9, shorter: 1 } }),
    accuracyRow({ set: "boston", mse }),
    accuracyRow({ set: "energy", mse: { ...mse, longer: 1, shorter: 1 } }),
  ];
  const text = textOf(rows);
  for (const title of [
    RATIOS,
    "Real sets: test RMSE ± standard error",
    "The single net with more steps: test MSE",
    "Test RMSE beside the best of three published tables",
    "Mean weight of each kind of member, networks",
    "Mean weight of each kind of member, all families",
    "Intervals that should hold 90 % of the test rows",
  ]) {
    expect([...tableOf(text, title).keys()]).toEqual(["yacht*", "boston°", "energy"]);
  }
  expect(text).toContain("* the single net has not converged");
  expect(text).toContain("° not checked whether");
  const converged = textOf(rows.slice(2));
  expect(converged).not.toContain("not converged:");
  expect(converged).not.toContain("°");
});

test("rivals on every split stand apart from those on some, generated sets and others last", () => {
  const rows = sampleAccuracyRows();
  const text = textOf(rows);
  const titles = [...text.matchAll(/^([A-Z][^\n]+)\n\n[a-z]+ /gm)].map(([, title]) => title);
  expect(titles).toEqual([
    RATIOS,
    "Networks against each rival, over the real sets",
    "All families against each rival, over the real sets",
    "Networks against what was run on some splits or sets",
    "All families against what was run on some splits or sets",
    "Real sets: test RMSE ± standard error",
    "The single net with more steps: test MSE",
    "Test RMSE beside the best of three published tables",
    "Mean weight of each kind of member, networks",
    "Mean weight of each kind of member, all families",
    "Intervals that should hold 90 % of the test rows",
    "Generated sets, not counted: test MSE, ours ÷ theirs",
    "Other sets, not counted: test MSE, ours ÷ theirs",
  ]);
  const { rivals } = summariseAccuracy(rows).measurements;
  const xgboost = rivals.find(({ ours, rival }) => ours === "all" && rival === "xgboost")!;
  const line = tableOf(text, titles[2]!).get("XGBoost")!;
  const numbers = [xgboost.gm, xgboost.median, xgboost.best, xgboost.worst];
  const cells = ["XGBoost", "20", "100", ...numbers.map((ratio) => ratio.toFixed(3))];
  expect(line.split(/\s+/).slice(0, 7)).toEqual(cells);
  expect(tableOf(text, titles[3]!).get("wide")).toMatch(/^wide net\s+20\s+60 /);
  expect([...tableOf(text, titles[11]!).keys()].map((name) => name.replace(/[*°]/, ""))).toEqual([
    "two-planes",
    "mv",
    "pw-linear",
  ]);
  // A note that belongs to several tables is said once, and lines fit a terminal.
  expect(text.split("Below 1 ours is better.")).toHaveLength(2);
  expect(Math.max(...text.split("\n").map((own) => own.length))).toBeLessThanOrEqual(150);
});

test("without a row there are figures alone", () => {
  expect(textOf([])).toMatch(/^figure\s+value/);
});

test("a document by lines is the same document, with one line per row of a list", () => {
  const rows = sampleAccuracyRows({ sets: ["yacht", "cars"], nSplits: 2 });
  const document = {
    measurements: summariseAccuracy(rows).measurements,
    none: [],
    skip: undefined,
  };
  const text = jsonByLines(document);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
  const lines = text
    .split("\n")
    .filter((line) => line.startsWith('      {"run":"0123456789abcdef","set":"yacht"'));
  expect(lines).toHaveLength(2);
  expect(text).toContain(String(rows[0]!.mse["nn"]));
  expect(text).toContain('"none": []');
});
