/**
 * Goal: intervals hold what they promise where rows stand in the table several times, in every
 * preset's way of fitting.
 * Method: 60 rows of y = sin 2x + noise, six times each; coverage of 80 % intervals on 2,000 fresh
 * rows, within what 60 different rows can know.
 */
import { describe, expect, test } from "vitest";
import type { Table } from "../../src/data/index.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import {
  createInlineExecutor,
  DEFAULT_COMMITTEE,
  DEFAULT_FIT,
  evaluateIntervals,
  type FitOptions,
  fitCommitteeModel,
  fitModel,
  predict,
  type TrainingTable,
} from "../../src/mixture/index.ts";
import { silent } from "../../src/shared/progress.ts";
import { createRng } from "../../src/shared/rng.ts";

const executor = createInlineExecutor(await createWasmEngine());
const tuning = { steps: [3000], extendTo: 3000, learningRates: [1e-2], weightDecays: [0.003] };
const SMALL: FitOptions = { ...DEFAULT_FIT, hidden: [16], tuning, candidates: [1, 2] };

function rowsOf(nRows: number, seed: number, times: number): TrainingTable {
  const rng = createRng(seed);
  const once = Float64Array.from({ length: nRows }, () => 4 * rng.uniform() - 2);
  const truth = once.map((x) => Math.sin(2 * x) + 0.3 * rng.normal());
  const repeat = (values: Float64Array): Float64Array => {
    return Float64Array.from({ length: times * nRows }, (_, i) => values[i % nRows]!);
  };
  const features: Table = {
    nRows: times * nRows,
    columns: [{ type: "number", name: "x", values: repeat(once) }],
  };
  return { features, targetName: "y", y: repeat(truth), groups: null };
}

const copied = rowsOf(60, 1, 6);
const fresh = rowsOf(2000, 2, 1);

const FITS = [
  ["experts that compete", () => fitModel(copied, SMALL, executor, silent)],
  [
    "regimes by likelihood",
    () => {
      const options: FitOptions = {
        ...SMALL,
        partitioning: "likelihood",
        gate: "svm",
        recombination: "hard",
        restarts: 1,
      };
      return fitModel(copied, options, executor, silent);
    },
  ],
  [
    "a committee",
    () => {
      const committee = {
        ...DEFAULT_COMMITTEE,
        architectures: [{ activation: "tanh", hidden: [[16]] }] as const,
        families: ["trees", "forest"] as const,
        sizes: [{ upTo: Number.POSITIVE_INFINITY, heldOut: 5, nets: 1 }],
      };
      return fitCommitteeModel(copied, { fit: SMALL, committee }, executor, silent);
    },
  ],
] as const;

describe("60 rows, six times each", () => {
  test.each(FITS)(
    "%s: intervals hold, and the copies are counted",
    { timeout: 240_000 },
    async (_, fitted) => {
      const { model, report } = await fitted();
      expect(report.nCopies).toBe(300);
      const prediction = predict(executor.engine, model, fresh.features);
      const { coverage } = evaluateIntervals(model, prediction, fresh.y, 0.8);
      expect(coverage).toBeGreaterThan(0.65);
      expect(coverage).toBeLessThan(0.97);
    },
  );
});
