/** Requests without a pause, each answer checked against that of one process, to the last bit. */
import type { Engine } from "../../experts/index.ts";
import { predictMatrix } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { CELLS, N_FEATURES, N_ROWS } from "../serving/workload.ts";
import type { RunningCluster } from "./cluster.ts";

export interface Answered {
  readonly startMs: number;
  readonly endMs: number;
  /** wrong: not the bits of one process, and not marked as degraded. */
  readonly outcome: "right" | "degraded" | "wrong" | "failed";
}

export const ROWS: Matrix = {
  values: Float32Array.from(CELLS),
  nRows: N_ROWS,
  nColumns: N_FEATURES,
};

export interface LoadOptions {
  readonly X?: Matrix;
  readonly rowClass?: string | null;
  readonly concurrency: number;
  /** Ends the load. */
  readonly isOver: () => boolean;
}

export async function runLoad(
  { router, bundle }: Pick<RunningCluster, "router" | "bundle">,
  engine: Engine,
  { X = ROWS, rowClass = null, concurrency, isOver }: LoadOptions,
): Promise<readonly Answered[]> {
  const expected = predictMatrix(engine, bundle.model, X).values;
  const answered: Answered[] = [];
  const ask = async (): Promise<Answered["outcome"]> => {
    try {
      const { values, degraded } = await router.predict(bundle, X, rowClass);
      if (degraded) return "degraded";
      return values.every((value, i) => value === expected[i]) ? "right" : "wrong";
    } catch {
      return "failed";
    }
  };
  const lane = async (): Promise<void> => {
    while (!isOver()) {
      const startMs = nowMs();
      const outcome = await ask();
      answered.push({ startMs, endMs: nowMs(), outcome });
      // A refusal comes at once: without a pause no other task would run.
      await new Promise((resolve) => setTimeout(resolve, outcome === "failed" ? 5 : 0));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return answered.sort((a, b) => a.endMs - b.endMs);
}

export interface LoadSummary {
  readonly nRequests: number;
  readonly nRight: number;
  readonly nDegraded: number;
  readonly nWrong: number;
  readonly nFailed: number;
  /** The longest time in which no right answer came. */
  readonly longestGapMs: number;
}

export function summariseLoad(answered: readonly Answered[]): LoadSummary {
  const count = (outcome: Answered["outcome"]): number =>
    answered.filter((one) => one.outcome === outcome).length;
  const right = answered.filter(({ outcome }) => outcome === "right");
  const gaps = right.slice(1).map(({ endMs }, i) => endMs - right[i]!.endMs);
  return {
    nRequests: answered.length,
    nRight: right.length,
    nDegraded: count("degraded"),
    nWrong: count("wrong"),
    nFailed: count("failed"),
    longestGapMs: gaps.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...gaps),
  };
}

/** From a moment until the last answer that was not right; 0 if all were. */
export function wholeAfterMs(answered: readonly Answered[], sinceMs: number): number {
  const bad = answered.filter(({ outcome, endMs }) => outcome !== "right" && endMs > sinceMs);
  const last = bad.at(-1);
  return last === undefined ? 0 : last.endMs - sinceMs;
}
