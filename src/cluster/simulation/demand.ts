/**
 * Recorded demand: requests in equal intervals, of one model or several, from rows of a file.
 *
 * Gaps are bridged by straight lines. Where a clock was set back and an hour stands twice, it
 * counts once, as the mean. Both are told; what cannot be a record of demand is refused.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { count, percent } from "../../shared/wording.ts";

/** A file as it was read. */
export interface DemandRows {
  /** Of the file, for messages. */
  readonly name: string;
  /** Milliseconds; NaN where missing. Shape (nRows,). */
  readonly times: Float64Array;
  /** Requests of each model since the row's time, NaN where missing. Shape (nRows,) each. */
  readonly models: readonly { readonly name: string; readonly requests: Float64Array }[];
}

export interface Demand {
  readonly name: string;
  readonly models: readonly string[];
  readonly intervalHours: number;
  readonly nIntervals: number;
  /** Shape (nIntervals, nModels). */
  readonly requests: Float64Array;
  /** 1 where a gap was bridged. Shape as `requests`. */
  readonly bridged: Uint8Array;
  /** What was bridged and what counts once, a sentence each. */
  readonly notes: readonly string[];
}

const HOUR_MS = 3_600_000;
const [LEAST_INTERVAL_MS, MOST_INTERVAL_MS] = [1000, 24 * HOUR_MS];
const MOST_INTERVALS = 2_000_000;
/** Of all intervals, those that may be missing. */
const MOST_MISSING = 0.2;
/** Between two set-backs of a clock. */
const SET_BACK_MS = 120 * 24 * HOUR_MS;

/** @throws DATA_EMPTY, DATA_MALFORMED or DATA_TOO_LARGE: what must hold, and what was found. */
export function demandOf(rows: DemandRows): Demand {
  const { name, times, models } = rows;
  if (times.length < 2) {
    refuse(rows, `must have at least 2 rows, got ${times.length}`, "DATA_EMPTY");
  }
  if (models.length === 0) {
    refuse(rows, "must have a column of requests beside the times, got none", "DATA_EMPTY");
  }
  checkCells(rows);
  const intervalMs = intervalOf(rows);
  const setBacks = findSetBacks(rows, intervalMs);
  const places = placesOf(rows, intervalMs);
  const nIntervals = 1 + places.reduce((most, place) => Math.max(most, place), 0);
  if (nIntervals > MOST_INTERVALS) {
    const found = `${nIntervals.toLocaleString("en")} from its first time to its last`;
    refuse(rows, `must have at most ${MOST_INTERVALS} intervals, got ${found}`, "DATA_TOO_LARGE");
  }
  const requests = new Float64Array(nIntervals * models.length);
  const bridged = new Uint8Array(requests.length);
  const gaps = models.map((model, m) => {
    const means = meansAt(places, model.requests, nIntervals);
    means.forEach((value, at) => {
      bridged[at * models.length + m] = Number.isNaN(value) ? 1 : 0;
    });
    const missing = bridge(means);
    if (missing.n > MOST_MISSING * nIntervals) {
      const found = percent(1 - missing.n / nIntervals);
      const must = `must have requests in at least ${percent(1 - MOST_MISSING)} of its intervals`;
      refuse(rows, `${must}, column "${model.name}" has them in ${found}`);
    }
    if (!means.some((value) => value > 0)) {
      refuse(rows, `must have requests in every column, "${model.name}" has none`);
    }
    means.forEach((value, at) => {
      requests[at * models.length + m] = value;
    });
    return { ...missing, model: model.name };
  });
  return {
    name,
    models: models.map((model) => model.name),
    intervalHours: intervalMs / HOUR_MS,
    nIntervals,
    requests,
    bridged,
    notes: [...gapNotes(name, gaps, nIntervals), ...setBacks],
  };
}

type Code = "DATA_EMPTY" | "DATA_MALFORMED" | "DATA_TOO_LARGE";

function refuse({ name }: DemandRows, problem: string, code: Code = "DATA_MALFORMED"): never {
  throw new BailiwickError(code, `the demand of ${name} ${problem}`, { name });
}

function checkCells(rows: DemandRows): void {
  const { times, models } = rows;
  const timeless = times.findIndex(Number.isNaN);
  if (timeless >= 0) refuse(rows, `must have a time in every row, row ${timeless + 1} has none`);
  for (const { name, requests } of models) {
    const negative = requests.findIndex((value) => value < 0);
    if (negative < 0) continue;
    const found = `row ${negative + 1} of column "${name}" has ${requests[negative]}`;
    refuse(rows, `must be counts, at least 0, ${found}`);
  }
}

/** The most frequent time between two rows. */
function intervalOf(rows: DemandRows): number {
  const { times } = rows;
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const passed = times[i]! - times[i - 1]!;
    if (passed > 0) counts.set(passed, (counts.get(passed) ?? 0) + 1);
  }
  const [interval] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [0];
  if (interval < LEAST_INTERVAL_MS || interval > MOST_INTERVAL_MS) {
    refuse(
      rows,
      `must have a row every second to every day, got ${interval / 1000} s between rows`,
    );
  }
  return interval;
}

/**
 * Times must increase, but for an hour that stands twice as a whole, now and then.
 *
 * @returns A sentence for each such hour.
 */
function findSetBacks(rows: DemandRows, intervalMs: number): readonly string[] {
  const { name, times } = rows;
  const nRepeated = HOUR_MS / intervalMs;
  const notes: string[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < times.length; i++) {
    const [before, time] = [times[i - 1]!, times[i]!];
    if (time > before) continue;
    const isHour = time === before - HOUR_MS + intervalMs;
    const repeated = times.subarray(i, i + nRepeated);
    const isWhole = repeated.every((one, j) => one === time + j * intervalMs);
    if (!isHour || !isWhole || before - last < SET_BACK_MS) {
      const found = `row ${i + 1} (${moment(time)}) follows ${moment(before)}`;
      refuse(rows, `must have times that increase, ${found}`);
    }
    last = before;
    notes.push(
      `${name}: the hour from ${moment(time)} stands twice, as where a clock is set back: it ` +
        "counts once, as the mean",
    );
  }
  return notes;
}

/** The interval of each row, counted from the first. */
function placesOf(rows: DemandRows, intervalMs: number): Float64Array {
  const { times } = rows;
  return times.map((time, i) => {
    const place = (time - times[0]!) / intervalMs;
    if (Number.isInteger(place)) return place;
    const found = `row ${i + 1} (${moment(time)}) is not`;
    return refuse(rows, `must have times a multiple of ${intervalMs / 1000} s apart, ${found}`);
  });
}

/** The mean of each interval's values; NaN where there is none. */
function meansAt(places: Float64Array, values: Float64Array, nIntervals: number): Float64Array {
  const sums = new Float64Array(nIntervals);
  const counts = new Uint32Array(nIntervals);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    sums[places[i]!]! += value;
    counts[places[i]!]! += 1;
  });
  return sums.map((sum, at) => (counts[at] === 0 ? Number.NaN : sum / counts[at]!));
}

interface Missing {
  /** Intervals without a value. */
  readonly n: number;
  readonly nGaps: number;
  /** Intervals of the longest gap. */
  readonly longest: number;
}

/** Straight lines over what is missing; at the ends the nearest value. Modifies `values`. */
function bridge(values: Float64Array): Missing {
  let [n, nGaps, longest] = [0, 0, 0];
  for (let from = 0; from < values.length; from++) {
    if (!Number.isNaN(values[from]!)) continue;
    let until = from;
    while (until < values.length && Number.isNaN(values[until]!)) until++;
    const before = values[from - 1] ?? values[until] ?? 0;
    const after = values[until] ?? before;
    const length = until - from;
    for (let at = from; at < until; at++) {
      values[at] = before + ((at - from + 1) / (length + 1)) * (after - before);
    }
    [n, nGaps, longest] = [n + length, nGaps + 1, Math.max(longest, length)];
    from = until;
  }
  return { n, nGaps, longest };
}

function gapNotes(
  name: string,
  gaps: readonly (Missing & { readonly model: string })[],
  nIntervals: number,
): readonly string[] {
  return gaps.flatMap(({ n, nGaps, longest, model }) => {
    if (n === 0) return [];
    const column = gaps.length === 1 ? "" : `, column "${model}"`;
    const most = nGaps === 1 ? "" : `, the longest of ${longest}`;
    const missing = `${n.toLocaleString("en")} of ${count(nIntervals, "interval")} missing`;
    const where = `in ${count(nGaps, "gap")}${most}`;
    return [`${name}${column}: ${missing} ${where}: bridged by straight lines`];
  });
}

function moment(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace(/:00\.000Z$/, "")
    .replace("T", " ");
}

/**
 * Requests of a model at an hour after the start ÷ the mean of all models together, on straight
 * lines between the middles of intervals.
 */
export function demandAt({
  requests,
  models,
  intervalHours,
  nIntervals,
}: Demand): (model: number, hour: number) => number {
  const mean = requests.reduce((sum, value) => sum + value, 0) / nIntervals;
  const at = (interval: number, m: number): number => {
    const within = Math.min(nIntervals - 1, Math.max(0, interval));
    return requests[within * models.length + m]! / mean;
  };
  return (model, hour) => {
    const place = hour / intervalHours - 0.5;
    const low = Math.floor(place);
    return at(low, model) + (place - low) * (at(low + 1, model) - at(low, model));
  };
}

/** Mean requests of each model ÷ those of all. */
export function demandShares({ requests, models }: Demand): readonly number[] {
  const sums = models.map(() => 0);
  requests.forEach((value, at) => {
    sums[at % models.length]! += value;
  });
  const total = sums.reduce((sum, one) => sum + one, 0);
  return sums.map((sum) => sum / total);
}
