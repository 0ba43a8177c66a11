/** How long a row takes through each kind of gate, one row at a time and to one expert. */
import {
  BOUNDARY_KINDS,
  type BoundaryKind,
  createRowScorer,
  fitBoundary,
  topExpert,
} from "../../gate/index.ts";
import type { Executor } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { type Matrix, matrix } from "../../shared/matrix.ts";
import { createRng } from "../../shared/rng.ts";

export interface GateSpeed {
  readonly kind: BoundaryKind;
  readonly microseconds: number;
}

const N_ROWS = 2000;
const N_FEATURES = 6;
const N_EXPERTS = 5;
const NOISE = 0.1;
const ROUNDS = 10;

/** Five experts, each best in a sector around the middle of two of six features. */
export async function timeGates(executor: Executor): Promise<readonly GateSpeed[]> {
  const rng = createRng(1);
  const values = Float32Array.from({ length: N_ROWS * N_FEATURES }, () => 4 * rng.uniform() - 2);
  const X = matrix(values, N_ROWS, N_FEATURES);
  const errors = Float64Array.from({ length: N_ROWS * N_EXPERTS }, (_, e) => {
    const i = Math.floor(e / N_EXPERTS);
    return NOISE * rng.normal() + (sectorOf(X, i) === e % N_EXPERTS ? 0 : 2);
  });
  const request = { X, errors, variance: NOISE ** 2, seed: 1 };
  const speeds: GateSpeed[] = [];
  for (const kind of BOUNDARY_KINDS) {
    const { gate } = await fitBoundary({ ...request, kinds: [kind] }, executor);
    const row = matrix(new Float32Array(N_FEATURES), 1, N_FEATURES);
    const score = createRowScorer(executor.engine, gate, row);
    const pass = (): void => {
      for (let i = 0; i < N_ROWS; i++) {
        row.values.set(values.subarray(i * N_FEATURES, (i + 1) * N_FEATURES));
        topExpert(score(), N_EXPERTS, 0);
      }
    };
    speeds.push({ kind, microseconds: leastTime(pass) / N_ROWS });
  }
  return speeds;
}

function sectorOf({ values }: Matrix, i: number): number {
  const angle = Math.atan2(values[i * N_FEATURES + 1]!, values[i * N_FEATURES]!) + Math.PI;
  return Math.min(N_EXPERTS - 1, Math.floor((N_EXPERTS * angle) / (2 * Math.PI)));
}

/** Of some rounds after one to warm up, in µs: what else the machine does only adds to it. */
function leastTime(pass: () => void): number {
  pass();
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = nowMs();
    pass();
    return 1000 * (nowMs() - startMs);
  });
  return Math.min(...times);
}
