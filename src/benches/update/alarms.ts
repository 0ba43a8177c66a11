/**
 * How soon a change is detected, how often there is a false alarm, and what a law that comes
 * back costs: on models fitted as a user would fit them.
 */
import { readBundle } from "../../bundle/index.ts";
import type { GeneratorName } from "../../data/index.ts";
import type { Executor, FitOptions } from "../../mixture/index.ts";
import { childSeed } from "../../shared/rng.ts";
import {
  type Current,
  currentOf,
  firstAlarm,
  type UpdateReport,
  updateBundle,
} from "../../update/index.ts";
import { type DependentRow, PHIS, runDependent } from "./dependent.ts";
import { batchOf, fitBundle, type TemporaryBundle, timed } from "./models.ts";
import { describeSet, oldRows, type StreamRows, streamRows } from "./streams.ts";

/** What watching one model has shown. */
export interface AlarmRow {
  readonly set: GeneratorName;
  readonly seed: number;
  /** Streams without a change, and those with an alarm. */
  readonly quiet: { readonly nStreams: number; readonly nRows: number; readonly nAlarms: number };
  /** For each shift in s.d.: streams, and those detected within WITHIN rows of the regime. */
  readonly power: readonly {
    readonly size: number;
    readonly nStreams: number;
    readonly nFound: number;
    /** Median rows of the regime until detection, over detected streams; null if none. */
    readonly medianRows: number | null;
  }[];
  /** Streams whose errors go together, one entry an autocorrelation. */
  readonly dependent: readonly DependentRow[];
  /** CPU of learning a law the first time, and of knowing it again. One a regime. */
  readonly recurring: readonly {
    readonly firstSeconds: number;
    readonly againSeconds: number;
    /** What was done when the law came again, for example "m0.e1 recall". */
    readonly actions: readonly string[];
  }[];
}

export interface AlarmOptions {
  readonly fit: FitOptions;
  readonly nOld: number;
  readonly nQuiet: number;
  /** Streams for each size and regime. */
  readonly nShifted: number;
}

export const SIZES = [0.1, 0.25, 0.5, 1, 2] as const;
const QUIET_ROWS = 10_000;
const WITHIN = 200;
/** Rows without a change that come before one. */
const BEFORE = 500;
const N_NEW = 1000;

export async function runAlarms(
  { set, seed }: { readonly set: GeneratorName; readonly seed: number },
  { fit, nOld, nQuiet, nShifted }: AlarmOptions,
  executor: Executor,
): Promise<AlarmRow> {
  const bundle = await fitBundle(oldRows(set, { nRows: nOld, seed }), { ...fit, seed }, executor);
  try {
    const current = currentOf(await readBundle(bundle.folder));
    let nAlarms = 0;
    for (let s = 0; s < nQuiet; s++) {
      const rows = streamRows(set, { nRows: QUIET_ROWS, seed: childSeed(seed, `quiet ${s}`) });
      if (firstAlarm(executor.engine, current, rows) !== null) nAlarms += 1;
    }
    const power = SIZES.map((size) => powerAt(executor, current, { set, seed, size, nShifted }));
    return {
      set,
      seed,
      quiet: { nStreams: nQuiet, nRows: QUIET_ROWS, nAlarms },
      power,
      dependent: PHIS.map((phi) =>
        runDependent(executor.engine, current, { set, seed, phi, nQuiet, nShifted }),
      ),
      recurring: await runRecurring(set, seed, bundle, executor),
    };
  } finally {
    await bundle.remove();
  }
}

function powerAt(
  { engine }: Executor,
  current: Current,
  {
    set,
    seed,
    size,
    nShifted,
  }: { set: GeneratorName; seed: number; size: number; nShifted: number },
): AlarmRow["power"][number] {
  const { sd, nRegimes } = describeSet(set);
  const delays: (number | null)[] = [];
  for (let regime = 0; regime < nRegimes; regime++) {
    for (let s = 0; s < nShifted; s++) {
      const streamSeed = childSeed(seed, `shift ${size} of ${regime}, ${s}`);
      const rows = streamRows(set, { nRows: BEFORE + 3 * WITHIN * nRegimes, seed: streamSeed });
      const y = rows.y.map((value, i) => {
        return i >= BEFORE && rows.regimes[i] === regime ? value + size * sd : value;
      });
      const alarm = firstAlarm(engine, current, { ...rows, y });
      delays.push(alarm === null || alarm < BEFORE ? null : rowsUntil(rows, regime, alarm));
    }
  }
  const found = delays.filter((delay) => delay !== null && delay <= WITHIN) as number[];
  found.sort((a, b) => a - b);
  const medianRows = found[found.length >> 1] ?? null;
  return { size, nStreams: delays.length, nFound: found.length, medianRows };
}

/** Rows of the regime that have changed, up to and with this one. */
function rowsUntil({ regimes }: StreamRows, regime: number, alarm: number): number {
  return regimes.slice(BEFORE, alarm + 1).filter((own) => own === regime).length;
}

/** In each regime of the bundle as it was fitted, another law comes, goes, and comes again. */
async function runRecurring(
  set: GeneratorName,
  seed: number,
  bundle: TemporaryBundle,
  executor: Executor,
): Promise<AlarmRow["recurring"]> {
  const found: AlarmRow["recurring"][number][] = [];
  for (let regime = 0; regime < describeSet(set).nRegimes; regime++) {
    const folder = await bundle.copy(`regime-${regime}`);
    const turn = (name: string, drift: "abrupt" | "none") => {
      const recurringSeed = childSeed(seed, `recurring ${regime}, ${name}`);
      const rows = streamRows(set, { nRows: N_NEW, seed: recurringSeed, drift, regime });
      return timed(() => updateBundle(folder, batchOf(rows, name), { executor, seed }));
    };
    const first = await turn("comes", "abrupt");
    await turn("goes", "none");
    const again = await turn("comes again", "abrupt");
    found.push({
      firstSeconds: first.cpuSeconds,
      againSeconds: again.cpuSeconds,
      actions: actionsOf(again.value),
    });
  }
  return found;
}

/** What an update has done, for example "m0.e1 retrain". */
export function actionsOf({ decisions }: UpdateReport): readonly string[] {
  return decisions
    .filter(({ action }) => action !== "keep")
    .map(({ expert, action }) => `${expert} ${action}`);
}
