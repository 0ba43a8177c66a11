/**
 * Goal: what never varied in training has no effect on a prediction, whatever the model is made of,
 * and a user is told when it has moved.
 * Method: two lines that meet in a step at a = 0, beside a constant number, one that is constant where
 * it is not missing, one that is always missing, a category of one level, one that is always missing
 * and one whose levels are all known; predictions, routes and intervals must be the same to the bit.
 */
import { describe, expect, test } from "vitest";
import { type Column, fitPreprocessing, movedConstants, type Table } from "../../src/data/index.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import {
  createInlineExecutor,
  DEFAULT_COMMITTEE,
  DEFAULT_FIT,
  type FitOptions,
  fitCommitteeModel,
  fitModel,
  type Model,
  predictIntervals,
  type TrainingTable,
} from "../../src/mixture/index.ts";
import { encodeOnnx } from "../../src/onnx/index.ts";
import { silent } from "../../src/shared/progress.ts";
import { createRng } from "../../src/shared/rng.ts";
import { disagreement } from "../onnx/agreement.ts";
import { runOnnx } from "../onnx/runtime.ts";

const executor = createInlineExecutor(await createWasmEngine());
const N_ROWS = 120;
const tuning = { steps: [400], extendTo: 400, learningRates: [1e-2], weightDecays: [0.003] };
const SMALL: FitOptions = { ...DEFAULT_FIT, hidden: [8], tuning, experts: 2, candidates: [2] };

interface Other {
  readonly k?: number;
  readonly gap?: number;
  readonly never?: number;
  readonly one?: string | null;
  readonly none?: string;
  readonly known?: string | null;
}

/** The training table; with other values in the columns that did not vary. */
function table(other: Other = {}): TrainingTable {
  const rng = createRng(3);
  const a = Float64Array.from({ length: N_ROWS }, () => 2 * rng.uniform() - 1);
  const numbers = (name: string, value: number): Column => {
    return { type: "number", name, values: new Float64Array(N_ROWS).fill(value) };
  };
  const texts = (name: string, value: string | null): Column => {
    return { type: "category", name, values: new Array<string | null>(N_ROWS).fill(value) };
  };
  const gap = new Float64Array(N_ROWS).map((_, i) => (i % 5 === 0 ? Number.NaN : (other.gap ?? 3)));
  const known = Array.from({ length: N_ROWS }, (_, i) => (i % 2 === 0 ? "x" : "y"));
  const columns: readonly Column[] = [
    { type: "number", name: "a", values: a },
    numbers("k", other.k ?? 7),
    { type: "number", name: "gap", values: gap },
    numbers("never", other.never ?? Number.NaN),
    texts("one", other.one === undefined ? "only" : other.one),
    texts("none", other.none ?? null),
    {
      type: "category",
      name: "known",
      values: other.known === undefined ? known : known.map(() => other.known!),
    },
  ];
  const y = a.map((x) => (x < 0 ? 3 * x : 2 - 3 * x) + 0.1 * rng.normal());
  return { features: { nRows: N_ROWS, columns }, targetName: "y", y, groups: null };
}

const OTHERS: readonly Other[] = [
  { k: 8 },
  { k: -3 },
  { k: 1e9 },
  { gap: 100 },
  { never: 5 },
  { one: "another" },
  { one: null },
  { none: "something" },
];

const MODELS: readonly (readonly [string, () => Promise<{ readonly model: Model }>])[] = [
  ["one net", () => fitModel(table(), { ...SMALL, experts: 1 }, executor, silent)],
  ["a mixture with a softmax gate", () => fitModel(table(), SMALL, executor, silent)],
  [
    "a mixture with an SVM gate, one expert a row",
    () => fitModel(table(), { ...SMALL, gate: "svm", recombination: "hard" }, executor, silent),
  ],
  [
    "a committee of every kind",
    () => {
      const committee = {
        ...DEFAULT_COMMITTEE,
        architectures: [
          { activation: "tanh", hidden: [[8]] },
          { activation: "relu", bins: 4, hidden: [[8]] },
        ] as const,
        sizes: [{ upTo: Number.POSITIVE_INFINITY, heldOut: 3, nets: 1 }],
        folds: 3,
        keepAll: true,
      };
      const { experts: _, ...fit } = SMALL;
      return fitCommitteeModel(
        table(),
        { fit: { ...fit, experts: null }, committee },
        executor,
        silent,
      );
    },
  ],
];

describe.each(MODELS)("%s", async (_name, fitted) => {
  const { model } = await fitted();
  const answers = (features: Table) => predictIntervals(executor.engine, model, features, 0.8);
  const before = answers(table().features);

  test.each(OTHERS)("answers the same where %o", (other) => {
    expect(answers(table(other).features)).toEqual(before);
  });

  test("answers to an unknown level as to a missing one", () => {
    const unknown = answers(table({ known: "no such level" }).features);
    expect(answers(table({ known: null }).features)).toEqual(unknown);
  });

  test("exported as ONNX, answers the same too", async () => {
    const bytes = encodeOnnx(model, { digest: "ab".repeat(32), packageVersion: "1.2.3" });
    for (const other of [{}, ...OTHERS, { known: "no such level" }]) {
      const { features } = table(other);
      const theirs = await runOnnx(bytes, features, model.members.length);
      const { otherExperts, predictions } = disagreement(model, answers(features), theirs);
      expect(otherExperts).toBe(0);
      expect(predictions).toBeLessThan(1e-5);
    }
  });
});

describe("the messages to a user", () => {
  const { features, y } = table();
  const preprocessing = fitPreprocessing(features, y, Int32Array.from(y.keys()), "y");
  const told = (other: Other) =>
    movedConstants(preprocessing, table(other).features).map(({ warning }) => warning);

  test("is nothing where no constant has moved, or is missing", () => {
    expect(told({})).toEqual([]);
    expect(told({ k: Number.NaN, one: null })).toEqual([]);
    expect(told({ known: "no such level" })).toEqual([]);
  });

  test("names the column, the value of training and the rows that differ, once a column", () => {
    const rows = `${N_ROWS} of ${N_ROWS} rows have another value, which has no effect`;
    expect(told({ k: 8 })).toEqual([`column "k" was 7 in all training rows, and ${rows}`]);
    expect(told({ one: "b", never: 5 })).toEqual([
      `column "never" had no values in training, and ${rows}`,
      `column "one" was "only" in all training rows, and ${rows}`,
    ]);
  });
});
