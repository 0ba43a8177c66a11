/**
 * Goal: each member of a committee learns what has changed, and what has not stays the same object.
 * Method: a mixture of known regimes beside a plain net and a Gaussian process; new rows in which
 * nothing or one law has changed, or that lie where no rows were; with old rows and without.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { familyOf, fitFamily } from "../../src/experts/index.ts";
import { evaluate } from "../../src/mixture/index.ts";
import { type Current, type Updated, update } from "../../src/update/index.ts";
import { type Drift, executor, keepRows, knownCommittee, rowsOf } from "./streams.ts";

const SET = { nRows: 1000, seed: 1 };
const shifted: Drift = (regime, [x]) => (regime === 1 ? 1.5 + Math.sin(2 * x!) : 0);

let current: Current;
beforeAll(async () => {
  current = await knownCommittee("intervals", SET);
}, 120_000);

function updateWith(drift?: Drift, options = {}, start: Current = current): Promise<Updated> {
  const rows = rowsOf("intervals", { nRows: 400, seed: 7, ...(drift && { drift }) });
  const old = keepRows(start, rowsOf("intervals", SET));
  return update(start, rows, { executor, seed: 1, old, ...options });
}

function mseOf({ model }: Current, drift?: Drift): number {
  const rows = rowsOf("intervals", { nRows: 1000, seed: 99, ...(drift && { drift }) });
  return evaluate(executor.engine, model, rows.features, rows.y).mse;
}

describe("a committee", () => {
  test("is kept whole where nothing has changed", async () => {
    const { isChanged, current: next } = await updateWith();
    expect(isChanged).toBe(false);
    expect(next.model).toBe(current.model);
  });

  test("learns a new law member by member; experts of other regimes stay the same", async () => {
    const updated = await updateWith(shifted);
    expect(updated.affected).toEqual([[1], [0], [0]]);
    const [mixture, net, gp] = updated.current.model.members;
    const before = current.model.members;
    for (const k of [0, 2, 3]) {
      expect(mixture!.mixture.experts[k]).toBe(before[0]!.mixture.experts[k]);
    }
    expect(net!.mixture.experts[0]!.kind).toBe("mlp");
    expect(gp!.mixture.experts[0]!.kind).toBe("gp");
    expect(updated.current.model.members.map(({ weight }) => weight)).toEqual([0.5, 0.2, 0.3]);
    expect(mseOf(updated.current, shifted)).toBeLessThan(0.1 * mseOf(current, shifted));
    // The process knows the regimes that have not changed by their old rows.
    expect(updated.outcomes.find(({ id }) => id === "m2.e0")!.why).toMatch(
      /old rows weigh (0.2|1)/,
    );
  }, 240_000);

  test("without old rows leaves alone an expert that would forget all it knows", async () => {
    const updated = await updateWith(shifted, { old: null });
    const { experts } = updated.current.model.members[2]!.mixture;
    const rows = updated.outcomes.find(({ id }) => id === "m2.e0")!;
    expect(rows.action).toBe("keep");
    expect(rows.why).toMatch(/a gp is fitted again, and no old rows are kept/);
    expect(experts[0]).toBe(current.model.members[2]!.mixture.experts[0]);
    expect(updated.affected[0]).toEqual([1]);
  });

  test("gives no part of the rows an expert in a member that has one for all", async () => {
    const part: Drift = (regime, [x]) => (regime === 1 && x! > -0.5 ? 2 : 0);
    const [mixture, net] = current.model.members;
    const members = [mixture!, { ...net!, weight: 1 - mixture!.weight }] as const;
    const networks = { ...current, model: { ...current.model, members } };
    const updated = await updateWith(part, {}, networks);
    const sizes = updated.current.model.members.map((member) => member.mixture.experts.length);
    expect(sizes).toEqual([5, 1]);
    expect(mseOf(updated.current, part)).toBeLessThan(0.5 * mseOf(networks, part));
  });
});

test.each(["ridge", "gp", "trees", "forest"] as const)("a fitted %s is known again", (family) => {
  const rows = rowsOf("intervals", { nRows: 100, seed: 1 });
  const values = Float32Array.from(rows.features.columns[0]!.values as Float64Array);
  const X = { values, nRows: values.length, nColumns: 1 };
  const samples = { X, y: Float32Array.from(rows.y), weights: null, groups: null };
  expect(familyOf(fitFamily(family, samples, 1))).toBe(family);
});
