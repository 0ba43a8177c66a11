/** Watching alone: at which row does the evidence say that something has changed? */
import type { Engine } from "../../experts/index.ts";
import { prepareSamples, type TrainingTable } from "../../mixture/index.ts";
import type { Current } from "../current.ts";
import { alarmThreshold, DEFAULT_ALPHA } from "./alarm.ts";
import { evidenceOf, observeRows } from "./monitor.ts";
import { seeRows } from "./observe.ts";
import { startMonitors } from "./watch-member.ts";

/**
 * The place of the first row after which the evidence of a changed law, or of too many strange
 * rows, is enough for an alarm; null without an alarm. Looks after every row.
 *
 * @param m - The member whose experts are watched.
 */
export function firstAlarm(
  engine: Engine,
  current: Current,
  table: TrainingTable,
  { m = 0, alpha = DEFAULT_ALPHA }: { readonly m?: number; readonly alpha?: number } = {},
): number | null {
  const samples = prepareSamples(
    current.model.preprocessing,
    table,
    Int32Array.from(table.y.keys()),
  );
  const seen = seeRows(engine, current, m, samples);
  const rows = { ...seen, X: samples.X };
  const monitors = [...startMonitors(current, m)];
  const limit = alarmThreshold(monitors.length, alpha);
  for (const [i, k] of seen.route.experts.entries()) {
    monitors[k] = observeRows(monitors[k]!, rows, Int32Array.of(i));
    const { law, novelty: strange } = evidenceOf(monitors[k]!);
    if (law >= limit || strange >= limit) return i;
  }
  return null;
}
