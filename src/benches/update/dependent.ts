/**
 * Streams in which errors go together: does watching stay quiet, and does it still find a change?
 *
 * A stream's targets are the model's answers and errors of the size that held-out errors had: each
 * is φ times the expert's error before it, and news (AR(1)). Errors go together from one row of an
 * expert to its next one.
 */
import type { GeneratorName } from "../../data/index.ts";
import type { Engine } from "../../experts/index.ts";
import { predict } from "../../mixture/index.ts";
import { childSeed, createRng } from "../../shared/rng.ts";
import { median } from "../../shared/statistics.ts";
import { type Current, firstAlarm } from "../../update/index.ts";
import { describeSet, type StreamRows, streamRows } from "./streams.ts";

/** What streams of one autocorrelation have shown. */
export interface DependentRow {
  readonly phi: number;
  /** Streams without a change, and those with an alarm. */
  readonly quiet: { readonly nStreams: number; readonly nRows: number; readonly nAlarms: number };
  /** Streams in which a regime's level moves by 1 s.d., and those found within WITHIN rows. */
  readonly shifted: {
    readonly nStreams: number;
    readonly nFound: number;
    /** Rows of the regime until the change was found, the middle; null if none was. */
    readonly medianRows: number | null;
  };
}

export const PHIS = [0.9, 0.97] as const;
/** Rows of the regime within which a change is to be found. */
export const WITHIN = 400;
const QUIET_ROWS = 2000;
/** Rows without a change that come before one. */
const BEFORE = 500;

export interface DependentOptions {
  readonly set: GeneratorName;
  readonly seed: number;
  readonly phi: number;
  readonly nQuiet: number;
  readonly nShifted: number;
}

export function runDependent(
  engine: Engine,
  current: Current,
  { set, seed, phi, nQuiet, nShifted }: DependentOptions,
): DependentRow {
  const stream = (nRows: number, label: string): StreamRows => {
    const streamSeed = childSeed(seed, `${label}, ${phi}`);
    return withErrors(engine, current, streamRows(set, { nRows, seed: streamSeed }), {
      phi,
      seed: streamSeed,
    });
  };
  let nAlarms = 0;
  for (let s = 0; s < nQuiet; s++) {
    if (firstAlarm(engine, current, stream(QUIET_ROWS, `quiet ${s}`)) !== null) nAlarms += 1;
  }
  const { sd, nRegimes } = describeSet(set);
  const delays: (number | null)[] = [];
  for (let regime = 0; regime < nRegimes; regime++) {
    for (let s = 0; s < nShifted; s++) {
      const rows = stream(BEFORE + 2 * WITHIN * nRegimes, `shift of ${regime}, ${s}`);
      const y = rows.y.map((value, i) => {
        return i >= BEFORE && rows.regimes[i] === regime ? value + sd : value;
      });
      const alarm = firstAlarm(engine, current, { ...rows, y });
      const isLate = alarm !== null && alarm >= BEFORE;
      delays.push(isLate ? rowsUntil(rows, regime, alarm) : null);
    }
  }
  const found = delays.filter((delay) => delay !== null && delay <= WITHIN).map(Number);
  const medianRows = found.length === 0 ? null : median(found);
  return {
    phi,
    quiet: { nStreams: nQuiet, nRows: QUIET_ROWS, nAlarms },
    shifted: { nStreams: delays.length, nFound: found.length, medianRows },
  };
}

/** The rows with targets that follow the model's law, but for errors that go together. */
function withErrors(
  engine: Engine,
  { model, experts }: Current,
  rows: StreamRows,
  { phi, seed }: { readonly phi: number; readonly seed: number },
): StreamRows {
  const { values, routes } = predict(engine, model, rows.features);
  const rng = createRng(childSeed(seed, "errors"));
  const sizes = experts[0]!.map(({ residuals }) => Math.sqrt(residuals.meanSquaredError));
  const last = sizes.map(() => rng.normal());
  const y = values.map((value, i) => {
    const k = routes[0]!.experts[i]!;
    last[k] = phi * last[k]! + Math.sqrt(1 - phi ** 2) * rng.normal();
    return value + sizes[k]! * last[k]!;
  });
  return { ...rows, y };
}

/** Rows of the regime that have changed, up to and with this one. */
function rowsUntil({ regimes }: StreamRows, regime: number, alarm: number): number {
  return regimes.slice(BEFORE, alarm + 1).filter((one) => one === regime).length;
}
