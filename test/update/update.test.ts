/**
 * Goal: an update learns what has changed and moves nothing else.
 * Method: models of generated sets whose regimes are known, and new rows in which nothing, one law,
 * a part of one, the inputs, or the targets' quality has changed; errors are held against those of
 * a model fitted to the changed laws from nothing.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { applyPreprocessing, unscaleTarget } from "../../src/data/index.ts";
import { predictExpert } from "../../src/experts/index.ts";
import { evaluate, predict } from "../../src/mixture/index.ts";
import { createRng, shuffle } from "../../src/shared/rng.ts";
import { type Current, planUpdate, type Updated, update } from "../../src/update/index.ts";
import { type Drift, executor, keepRows, knownModel, rowsOf } from "./streams.ts";

const SET = { nRows: 1500, seed: 1 };
const shifted: Drift = (regime, [x]) => (regime === 1 ? 1.5 + Math.sin(2 * x!) : 0);

function mseOf({ model }: Current, drift?: Drift): number {
  const rows = rowsOf("intervals", { nRows: 2000, seed: 99, ...(drift && { drift }) });
  return evaluate(executor.engine, model, rows.features, rows.y).mse;
}

function updateWith(current: Current, drift?: Drift, options = {}): Promise<Updated> {
  const rows = rowsOf("intervals", { nRows: 600, seed: 7, ...(drift && { drift }) });
  const old = keepRows(current, rowsOf("intervals", SET));
  return update(current, rows, { executor, seed: 1, old, ...options });
}

describe.each(["svm", "softmax"] as const)("a mixture with the gate %s", (gate) => {
  let current: Current;
  beforeAll(async () => {
    current = await knownModel("intervals", { ...SET, gate });
  });

  test("is kept whole where nothing has changed", async () => {
    const { isChanged, current: next, outcomes } = await updateWith(current);
    expect(isChanged).toBe(false);
    expect(next.model).toBe(current.model);
    expect(outcomes.map(({ action }) => action)).toEqual(["keep", "keep", "keep", "keep"]);
  });

  test("learns a new law of one regime as well as a fit of all, and nothing else moves", async () => {
    const updated = await updateWith(current, shifted);
    expect(updated.affected).toEqual([[1]]);
    const { experts, gate: after } = updated.current.model.members[0]!.mixture;
    const before = current.model.members[0]!.mixture;
    for (const k of [0, 2, 3]) expect(experts[k]).toBe(before.experts[k]);
    expect(after).toBe(before.gate);
    expect(updated.change.maxChange).toBe(0);
    expect(updated.change.nUnaffected).toBeGreaterThan(0.5 * 450);
    // Of old rows, only those of the regime are read.
    expect(updated.rowsRead).toBeLessThan(0.35 * 2100);
    expect(mseOf(updated.current, shifted)).toBeLessThan(mseOf(current) + 0.01);
    expect(mseOf(current, shifted)).toBeGreaterThan(0.15);
  });

  test("gives a changed part of a regime to a new expert, and the rest keep their answers", async () => {
    const part: Drift = (regime, [x]) => (regime === 1 && x! > -0.5 ? 2 : 0);
    const updated = await updateWith(current, part);
    expect(updated.outcomes.map(({ action }) => action)).toContain("split");
    expect(updated.affected).toEqual([[1, 4]]);
    expect(updated.current.model.members[0]!.mixture.experts).toHaveLength(5);
    expect(updated.change.maxChange).toBe(0);
    expect(mseOf(updated.current, part)).toBeLessThan(0.3 * mseOf(current, part));
  });
});

describe("a mixture", () => {
  let current: Current;
  beforeAll(async () => {
    current = await knownModel("intervals", SET);
  });

  test("recalls the retired expert when its law comes back", async () => {
    const away = await updateWith(current, shifted);
    const [report] = [current.experts[0]![1]!];
    const expert = current.model.members[0]!.mixture.experts[1]!;
    const retired = async () => [{ name: "m0.e1 of version 1", expert, report, range: null }];
    const back = await updateWith(away.current, undefined, { retired, old: null });
    expect(back.outcomes[1]).toMatchObject({ action: "recall", cost: 0 });
    expect(back.current.model.members[0]!.mixture.experts[1]).toBe(expert);
    expect(mseOf(back.current)).toBe(mseOf(current));
  });

  test("becomes simpler where one regime takes the law of another expert", async () => {
    const rows = rowsOf("intervals", { nRows: 600, seed: 7 });
    const { preprocessing, members } = current.model;
    const answers = predictExpert(
      executor.engine,
      members[0]!.mixture.experts[2]!,
      applyPreprocessing(preprocessing, rows.features),
    );
    const law = unscaleTarget(answers, preprocessing.target);
    const y = rows.y.map((value, i) => (rows.regimes[i] === 3 ? law[i]! + 0.05 * (i % 3) : value));
    const updated = await update(current, { ...rows, y }, { executor, seed: 1 });
    expect(updated.outcomes[3]).toMatchObject({ action: "merge", cost: 0 });
    const { experts } = updated.current.model.members[0]!.mixture;
    expect(experts[3]).toBe(experts[2]);
  });

  test("learns nothing from a column whose scale has jumped a thousandfold", async () => {
    const rows = rowsOf("intervals", { nRows: 600, seed: 7, drift: shifted });
    for (const factor of [1000, 1 / 1000]) {
      const y = rows.y.map((value) => factor * (value + 0.01));
      const { isChanged, warnings } = await update(current, { ...rows, y }, { executor, seed: 1 });
      expect(isChanged).toBe(false);
      expect(warnings[0]).toMatch(/^column "y": values are about .* times as large/);
    }
  });

  test("does not learn from targets of which 30 % are wrong", async () => {
    const wrong: Drift = (_regime, _x, i) => (i % 10 < 3 ? 3 * Math.sin(77.7 * i) : 0);
    const { isChanged, outcomes } = await updateWith(current, wrong);
    expect(isChanged).toBe(false);
    expect(outcomes[0]!.why).toMatch(/did not help/);
  });

  test("does not learn targets that belong to other rows, and says so", async () => {
    const rows = rowsOf("intervals", { nRows: 600, seed: 7 });
    const order = Int32Array.from(rows.y.keys());
    shuffle(order, createRng(5));
    const y = Float64Array.from(order, (i) => rows.y[i]!);
    const old = keepRows(current, rowsOf("intervals", SET));
    for (const stored of [old, null]) {
      const updated = await update(current, { ...rows, y }, { executor, seed: 1, old: stored });
      expect(updated.isChanged).toBe(false);
      const reasons = updated.outcomes.filter(({ verified }) => verified !== null);
      expect(reasons.length).toBeGreaterThan(0);
      for (const { why } of reasons) {
        expect(why).toMatch(/did not help|the new targets follow no law/);
      }
    }
  });

  test("does not learn a target that stands still, in one regime or in all", async () => {
    const rows = rowsOf("intervals", { nRows: 600, seed: 7 });
    const all = await update(
      current,
      { ...rows, y: rows.y.map(() => 1.25) },
      { executor, seed: 1 },
    );
    expect(all.isChanged).toBe(false);
    expect(all.warnings[0]).toMatch(/^target "y": 600 of 600 rows hold the value 1.25/);
    const y = rows.y.map((value, i) => (rows.regimes[i] === 1 ? 1.25 : value));
    const one = await update(current, { ...rows, y }, { executor, seed: 1 });
    expect(one.isChanged).toBe(false);
    expect(one.outcomes[1]!.why).toMatch(/follow no law|did not help/);
  });

  test("says what a new law does to held-out old rows", async () => {
    const { outcomes } = await updateWith(current, shifted);
    const { verified, why } = outcomes[1]!;
    expect(verified!.old!.after).toBeGreaterThan(3 * verified!.old!.before);
    expect(why).toMatch(/old rows weigh 0, error on \d+ of them/);
  });

  test("is planned for without anything being done", async () => {
    const rows = rowsOf("intervals", { nRows: 600, seed: 7, drift: shifted });
    const before = predict(executor.engine, current.model, rows.features).values;
    const { decisions } = await planUpdate(current, rows, { executor, seed: 1 });
    expect(decisions[1]).toMatchObject({ id: "m0.e1", action: "retrain" });
    expect(decisions[1]!.errorNow!).toBeGreaterThan(5 * decisions[1]!.errorExpected!);
    expect(decisions[1]!.cost).toBeGreaterThan(0);
    expect(predict(executor.engine, current.model, rows.features).values).toEqual(before);
  });

  test("is the same again with the same seed", async () => {
    const [a, b] = [await updateWith(current, shifted), await updateWith(current, shifted)];
    expect(a.current).toEqual(b.current);
  });

  test("one row changes nothing", async () => {
    const rows = rowsOf("intervals", { nRows: 1, seed: 3, drift: () => 50 });
    const { isChanged } = await update(current, rows, { executor, seed: 1 });
    expect(isChanged).toBe(false);
  });
});

test("a new regime gets a new expert, and rows elsewhere keep their answers", async () => {
  // Learnt without the rightmost interval, which then arrives.
  const current = await knownModel("intervals", { ...SET, without: 3 });
  const rows = rowsOf("intervals", { nRows: 800, seed: 7 });
  const updated = await update(current, rows, { executor, seed: 1 });
  expect(updated.outcomes.at(-1)!.action).toBe("grow");
  expect(updated.change.maxChange).toBe(0);
  expect(mseOf(updated.current)).toBeLessThan(0.3 * mseOf(current));
});

test("inputs that move where the law holds are no reason to train", async () => {
  const current = await knownModel("intervals", SET);
  const right = rowsOf("intervals", { nRows: 3000, seed: 7 });
  const x = right.features.columns[0]!.values as Float64Array;
  const moved = pick(right, (i) => x[i]! > -0.2 && x[i]! < 0.9);
  const { isChanged } = await update(current, moved, { executor, seed: 1 });
  expect(isChanged).toBe(false);
});

function pick(rows: ReturnType<typeof rowsOf>, keep: (i: number) => boolean): typeof rows {
  const kept = [...rows.y.keys()].filter(keep);
  const [column] = rows.features.columns;
  const values = Float64Array.from(kept, (i) => column!.values[i] as number);
  return {
    ...rows,
    features: { nRows: kept.length, columns: [{ type: "number", name: "x1", values }] },
    y: Float64Array.from(kept, (i) => rows.y[i]!),
    regimes: Int32Array.from(kept, (i) => rows.regimes[i]!),
  };
}
