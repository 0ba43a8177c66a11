/**
 * Goal: `predict --explain` and `inspect` say of a model what its bundle knows, and no more.
 * Method: bundles by hand, with and without an explanation, of one member and of several; the
 * program in this process, its streams captured.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BundleContent, writeBundle } from "../../src/bundle/index.ts";
import { explained } from "../bundle/explanations.ts";
import { makeContent, temporaryFolder } from "../bundle/models.ts";
import { call } from "./call.ts";

const PLAN = { seed: 3, experts: ["ridge", "mlp"], gate: "softmax" } as const;

/** A bundle of the content and two rows to predict, the second far from anything. */
async function bundleOf(content: BundleContent): Promise<{ bundle: string; rows: string }> {
  const folder = temporaryFolder();
  const [bundle, rows] = [join(folder, "bundle"), join(folder, "rows.csv")];
  await writeBundle(bundle, content);
  writeFileSync(rows, "water,mill | *type*,age\n180,a,28\n99999,zzz,\n");
  return { bundle, rows };
}

async function explainedRows(content: BundleContent): Promise<readonly Record<string, string>[]> {
  const { bundle, rows } = await bundleOf(content);
  const { stdout } = await call("predict", bundle, rows, "--explain");
  const [header, ...lines] = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(header!.map((name, c) => [name, cells[c]!])));
}

test("a prediction is explained by expert, scores, novelty and boundary", async () => {
  const rows = await explainedRows(explained(makeContent(PLAN)));
  for (const row of rows) {
    const contributions = ["water", "mill | *type*", "age"].map(
      (name) => `contribution of ${name}`,
    );
    const names = [
      "prediction",
      "base value",
      ...contributions,
      "expert",
      "score 0",
      "score 1",
      "novelty",
      "boundary",
    ];
    expect(Object.keys(row)).toEqual(names);
    const sum = ["base value", ...contributions].reduce((all, name) => all + Number(row[name]), 0);
    expect(sum).toBeCloseTo(Number(row["prediction"]), 9);
    const scores = [Number(row["score 0"]), Number(row["score 1"])] as const;
    expect(scores[0] + scores[1]).toBeCloseTo(1, 12);
    expect(row["expert"]).toBe(scores[0] >= scores[1] ? "0" : "1");
    expect(row["boundary"]).toBe(Math.abs(scores[0] - scores[1]) < 0.5 ? "yes" : "no");
  }
  expect(Number(rows[1]!["novelty"])).toBeGreaterThan(1);
});

test("a bundle without an explanation says so and tells the route", async () => {
  const { bundle, rows } = await bundleOf(makeContent(PLAN));
  const { stdout, stderr } = await call("predict", bundle, rows, "--explain");
  expect(stdout.split("\n")[0]).toBe("prediction,expert,score 0,score 1");
  expect(stderr).toMatch(/^warning: .*contributions.*novelty/);
  expect((await call("predict", bundle, rows)).stderr).toBe("");
});

test("a committee has one set of contributions; a member without weight is not called the expert", async () => {
  const content = explained(makeContent({ ...PLAN, nMembers: 2 }));
  const [first, second] = content.model.members;
  const members = [
    { ...first!, weight: 1 },
    { ...second!, weight: 0 },
  ];
  const [row] = await explainedRows({ ...content, model: { ...content.model, members } });
  expect(row).toMatchObject({ "m1.boundary": expect.stringMatching(/^(yes|no)$/) });
  const names = Object.keys(row!);
  expect(names.filter((name) => name.startsWith("contribution of"))).toHaveLength(3);
  expect(names.filter((name) => name.includes("weight"))).toEqual([]);
  expect(Object.keys(row!)).toEqual(expect.arrayContaining(["m0.expert", "m1.regime"]));
  expect(row).not.toHaveProperty("m1.expert");
});

test("inspect prints a card an expert, and all of it as JSON", async () => {
  const content = explained(makeContent(PLAN));
  const { bundle } = await bundleOf(content);
  const { stdout } = await call("inspect", bundle);
  for (const line of [
    /^m0\.e0: 100 rows, rmse [\d.]+, 12\.5 % near a boundary$/m,
    /^ {2}where {4}water ≥ 150\.5 and mill \| \*type\* is <b> or missing or unknown$/m,
    /^ {7}or {2}age is missing$/m,
    /^ {11}purity 93\.0 %, coverage 88\.0 %$/m,
    /^ {2}effects {2}age {12}±2\.5 {2}rises from 10 to 31$/m,
    /^ {2}where {4}no training rows$/m,
  ]) {
    expect(stdout).toMatch(line);
  }
  const { members } = JSON.parse((await call("inspect", bundle, "--json")).stdout);
  const { card } = content.explanation.members[0]!.experts[0]!;
  expect(members[0].experts[0].explanation).toMatchObject({
    nRows: card.nRows,
    rule: card.rule,
    effects: card.effects,
  });
});

test("inspect says of a member without weight that it does not predict", async () => {
  const content = explained(makeContent({ ...PLAN, nMembers: 2 }));
  const [first, second] = content.model.members;
  const members = [
    { ...first!, weight: 1 },
    { ...second!, weight: 0 },
  ];
  const { bundle } = await bundleOf({ ...content, model: { ...content.model, members } });
  const { stdout } = await call("inspect", bundle);
  expect(stdout).toContain("member m0: weight 1, softmax gate");
  expect(stdout).toContain("member m1: explains, does not predict, softmax gate");
});
