/**
 * Whether the rows of requests still fall into regimes as the training rows did.
 *
 * If they do not, moving experts does not help: the model has to be updated or fitted again, which
 * needs rows with targets, so the placer cannot do it. It says so once.
 */
import type { ModelRecord } from "../router/index.ts";

export interface ShiftWatch {
  /**
   * @param rates - Rows per second of each expert, by hash.
   * @returns Why a model should be fitted again; null if none should, or it was said before.
   */
  look(
    models: readonly ModelRecord[],
    rates: ReadonlyMap<string, number>,
    seconds: number,
  ): string | null;
}

/** Half the sum of differences between shares, at most 1. */
const SHIFTED = 0.4;
/** A shift must be seen in this many periods in a row. */
const PERSISTENCE = 3;
/** With fewer rows, shares are too uncertain. */
const LEAST_ROWS = 1000;
/** Shares of a model that sends each row to one expert sum to 1. */
const ROUNDING = 0.01;

export function createShiftWatch(): ShiftWatch {
  const nSeen = new Map<string, number>();
  return {
    look: (models, rates, seconds) => {
      let why: string | null = null;
      for (const { name, experts } of models) {
        const distance = distanceOf(experts, rates, seconds);
        if (distance === null) continue;
        const n = distance < SHIFTED ? 0 : (nSeen.get(name) ?? 0) + 1;
        nSeen.set(name, n);
        if (n !== PERSISTENCE) continue;
        const percent = `${(100 * distance).toFixed(0)} %`;
        const where = "go to other experts than its training rows did";
        why ??= `${percent} of the rows that ${name} gets ${where}: update it, or fit it again`;
      }
      return why;
    },
  };
}

function distanceOf(
  experts: ModelRecord["experts"],
  rates: ReadonlyMap<string, number>,
  seconds: number,
): number | null {
  const isHard = Math.abs(sumOf(experts.map(({ share }) => share)) - 1) < ROUNDING;
  const rows = experts.map(({ hash }) => rates.get(hash) ?? 0);
  const all = sumOf(rows);
  if (!isHard || experts.length < 2 || all * seconds < LEAST_ROWS) return null;
  return sumOf(experts.map(({ share }, k) => Math.abs(rows[k]! / all - share))) / 2;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
