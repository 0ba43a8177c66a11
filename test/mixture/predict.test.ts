/**
 * Goal: asking an expert for the rows that it has a say in, or for one row at a time, changes no
 * bit of any answer.
 * Method: random models of every kind of expert and gate, against every expert asked for every row.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { applyPreprocessing, type RowCells, tableFromRecords } from "../../src/data/index.ts";
import {
  createReferenceEngine,
  createWasmEngine,
  type Engine,
  predictExpert,
} from "../../src/experts/index.ts";
import { gateScores, topExperts } from "../../src/gate/index.ts";
import {
  clip,
  createRowPredictor,
  type Mixture,
  type Model,
  predict,
  standardRange,
} from "../../src/mixture/index.ts";
import type { Matrix } from "../../src/shared/matrix.ts";
import { type ModelPlan, makeContent } from "../bundle/models.ts";

const plans: fc.Arbitrary<ModelPlan> = fc.record({
  seed: fc.integer(),
  experts: fc.array(fc.constantFrom("mlp", "ridge"), { minLength: 1, maxLength: 4 }),
  gate: fc.constantFrom("softmax", "ensemble", "tree", "linear", "quadratic", "svm"),
  hidden: fc.array(fc.integer({ min: 1, max: 33 }), { minLength: 1, maxLength: 2 }),
  nMembers: fc.integer({ min: 1, max: 3 }),
});

const missing = fc.constant(null);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Of the models' features: a number, a category and a number. */
const rows = fc.array(
  fc.tuple(
    fc.oneof(fc.double({ min: 100, max: 250 }), finite, missing),
    fc.oneof(fc.constantFrom("a", "<b>", "seen never"), missing),
    fc.oneof(fc.integer({ min: 0, max: 365 }), missing),
  ),
  { minLength: 1, maxLength: 70 },
);

/** A model with a truncated gate and an expert with a range of its own, where there are more. */
function modelOf(plan: ModelPlan): Model {
  const { model } = makeContent(plan);
  const members = model.members.map(({ weight, mixture }) => {
    const { gate, experts } = mixture;
    const ranges = experts.map((_, k) => (k === 1 ? { least: -0.1, most: 0.2 } : null));
    const cut = gate?.kind === "softmax" ? { ...gate, truncation: 0.3 } : gate;
    return { weight, mixture: { ...mixture, gate: cut, ranges } };
  });
  return { ...model, members };
}

function tableOf({ preprocessing }: Model, cells: readonly RowCells[]) {
  const names = preprocessing.features.map(({ name }) => name);
  const records = cells.map((row) => Object.fromEntries(names.map((name, f) => [name, row[f]])));
  return tableFromRecords(records, preprocessing);
}

/** Every expert answers every row. */
function answersInFull(engine: Engine, model: Model, X: Matrix): number[] {
  const { target } = model.preprocessing;
  const values = new Array<number>(X.nRows).fill(0);
  for (const { weight, mixture } of model.members) {
    const sums = mixtureInFull(engine, mixture, X, standardRange(target));
    sums.forEach((sum, i) => {
      values[i]! += weight * sum;
    });
  }
  return values.map((value) => target.mean + target.scale * value);
}

function mixtureInFull(
  engine: Engine,
  { experts, gate, recombination, ranges }: Mixture,
  X: Matrix,
  range: { readonly least: number; readonly most: number },
): number[] {
  const n = experts.length;
  const scores = gate === null ? new Float64Array(X.nRows).fill(1) : gateScores(engine, gate, X);
  const top = topExperts(scores, n);
  const sums = new Array<number>(X.nRows).fill(0);
  experts.forEach((expert, k) => {
    predictExpert(engine, expert, X).forEach((answer, i) => {
      const hard = top[i] === k ? 1 : 0;
      const share = recombination === "hard" ? hard : scores[i * n + k]!;
      if (share > 0) sums[i]! += share * clip(answer, ranges?.[k] ?? range);
    });
  });
  return sums;
}

describe.each(["reference", "wasm"])("engine %s", (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = name === "wasm" ? await createWasmEngine() : createReferenceEngine();
  });

  test("an expert that is asked for its rows alone gives the bits of one asked for all", () => {
    fc.assert(
      fc.property(plans, rows, (plan, cells) => {
        const model = modelOf(plan);
        const table = tableOf(model, cells);
        const X = applyPreprocessing(model.preprocessing, table);
        expect([...predict(engine, model, table).values]).toEqual(answersInFull(engine, model, X));
      }),
      { numRuns: 60 },
    );
  });

  test("rows one by one have the bits of a table's", () => {
    fc.assert(
      fc.property(plans, rows, (plan, cells) => {
        const model = modelOf(plan);
        const predictRow = createRowPredictor(engine, model);
        const { values } = predict(engine, model, tableOf(model, cells));
        expect(cells.map(predictRow)).toEqual([...values]);
      }),
      { numRuns: 60 },
    );
  });
});
