/** Rows whose best expert is given by x: errors of 0 with that expert and of a jump with others. */
import type { BoundaryRequest } from "../../../src/gate/index.ts";
import { matrix } from "../../../src/shared/matrix.ts";
import { createRng } from "../../../src/shared/rng.ts";

export interface World {
  readonly nRows: number;
  readonly nFeatures: number;
  readonly nExperts: number;
  readonly expertOf: (x: readonly number[]) => number;
  readonly seed: number;
  /** How wrong another expert is, in standard deviations of the noise; 30 if not given. */
  readonly jump?: number;
}

const NOISE = 0.1;

export function makeWorld(world: World): BoundaryRequest & { readonly experts: Int32Array } {
  const { nRows, nFeatures, nExperts, expertOf, seed, jump = 30 } = world;
  const rng = createRng(seed);
  const values = Float32Array.from({ length: nRows * nFeatures }, () => 2 * rng.uniform() - 1);
  const errors = new Float64Array(nRows * nExperts);
  const experts = Int32Array.from({ length: nRows }, (_, i) => {
    return expertOf([...values.subarray(i * nFeatures, (i + 1) * nFeatures)]);
  });
  experts.forEach((own, i) => {
    const noise = NOISE * rng.normal();
    for (let k = 0; k < nExperts; k++) {
      errors[i * nExperts + k] = noise + (k === own ? 0 : (k < own ? -1 : 1) * jump * NOISE);
    }
  });
  const X = matrix(values, nRows, nFeatures);
  return { X, errors, variance: NOISE ** 2, seed, kinds: "auto", experts };
}

/** Share of rows whose largest score is another expert's. */
export function shareWrong(scores: Float64Array, experts: Int32Array): number {
  const n = scores.length / experts.length;
  const wrong = experts.filter((own, i) => {
    const row = scores.subarray(i * n, (i + 1) * n);
    return row.indexOf(Math.max(...row)) !== own;
  });
  return wrong.length / experts.length;
}
