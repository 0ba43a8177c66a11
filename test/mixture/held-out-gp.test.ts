/**
 * Goal: the error that a committee reports of a Gaussian process is that on fresh rows, though the
 * process tunes a length for every input.
 * Method: 90 rows of 20 inputs, of which one has an effect, beside much noise; the reported error
 * against the error on 2,000 fresh rows, on the training rows, and of folds that use lengths tuned
 * on all rows, which know the held-out rows and so err less than on fresh rows.
 */
import { expect, test } from "vitest";
import {
  createReferenceEngine,
  createWasmEngine,
  fitFamily,
  predictExpert,
  type Samples,
  tuneFamilies,
} from "../../src/experts/index.ts";
import { mean } from "../../src/metrics/index.ts";
import { heldOutFolds } from "../../src/mixture/committee/held-out.ts";
import { fitCommittee } from "../../src/mixture/committee/index.ts";
import {
  createInlineExecutor,
  DEFAULT_COMMITTEE,
  DEFAULT_FIT,
  takeSamples,
} from "../../src/mixture/index.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const SEEDS = [1, 2, 3];
const N_INPUTS = 20;
const engine = createReferenceEngine();
const executor = createInlineExecutor(await createWasmEngine({ threads: 1 }));
const FIT = {
  ...DEFAULT_FIT,
  hidden: [4],
  tuning: { steps: [50], extendTo: 50, learningRates: [1e-2], weightDecays: [0.003] },
};
const COMMITTEE = {
  ...DEFAULT_COMMITTEE,
  architectures: [{ activation: "tanh", hidden: [[4]] }] as const,
  sizes: [{ upTo: 1000, heldOut: 5, nets: 1 }],
  families: ["gp"] as const,
  keepAll: true,
};

/** Mean squared errors of one seed's process. */
interface Errors {
  readonly reported: number;
  readonly fresh: number;
  readonly training: number;
  readonly shared: number;
}

function drawSamples(nRows: number, seed: number): Samples {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: nRows * N_INPUTS }, () => rng.normal());
  const y = Float32Array.from({ length: nRows }, (_, i) => {
    return 0.5 * values[i * N_INPUTS]! + rng.normal();
  });
  return { X: matrix(values, nRows, N_INPUTS), y, weights: null, groups: null };
}

function meanSquare(answers: ArrayLike<number>, y: ArrayLike<number>): number {
  return mean(Array.from(answers, (answer, i) => (answer - y[i]!) ** 2));
}

/** The held-out error of folds whose lengths are those of all rows. */
function errorOfSharedLengths(samples: Samples, seed: number): number {
  const settings = tuneFamilies(["gp"], samples, seed);
  const losses = heldOutFolds(samples, seed, COMMITTEE).flatMap(({ train, test: held }) => {
    const [seen, unseen] = [takeSamples(samples, train), takeSamples(samples, held)];
    const answers = predictExpert(engine, fitFamily("gp", seen, seed, settings), unseen.X);
    return Array.from(answers, (answer, i) => (answer - unseen.y[i]!) ** 2);
  });
  return mean(losses);
}

test("the reported error of a Gaussian process is its error on fresh rows", async () => {
  const tried: Errors[] = [];
  for (const seed of SEEDS) {
    const samples = drawSamples(90, seed);
    const fresh = drawSamples(2000, 100 + seed);
    const { heldOut, mixtures } = await fitCommittee(
      samples,
      { ...FIT, seed },
      { executor },
      COMMITTEE,
    );
    const expert = mixtures.get("gp")![0]!.experts[0]!;
    tried.push({
      reported: meanSquare(heldOut.answers.get("gp")!, heldOut.y),
      fresh: meanSquare(predictExpert(engine, expert, fresh.X), fresh.y),
      training: meanSquare(predictExpert(engine, expert, samples.X), samples.y),
      shared: errorOfSharedLengths(samples, seed),
    });
  }
  const meanOf = (name: keyof Errors): number => mean(tried.map((one) => one[name]));
  expect(meanOf("reported") / meanOf("fresh")).toBeGreaterThan(0.85);
  expect(meanOf("reported") / meanOf("fresh")).toBeLessThan(1.25);
  expect(meanOf("training")).toBeLessThan(0.8 * meanOf("fresh"));
  expect(meanOf("shared")).toBeLessThan(meanOf("reported"));
});
