/**
 * What a series was: its last values, a day ago and a week ago, and its usual day and week; and the
 * terms that a regression makes of them.
 *
 * Days are divided into slots as long as the time between two values, but at least half an hour. A
 * memory holds a week of slots in a ring, and for every slot of a day and of a week the mean that
 * it usually has. No calendar is known: which days are a weekend shows in the usual week.
 */
import { cos, sin } from "../../shared/sine.ts";

const DAY_HOURS = 24;
const MOST_SLOTS = 48;
const WEEK_DAYS = 7;
/** How far a slot moves, at least, what is usual at its time. */
const USUAL_SHARE = 0.05;
/** How far a value moves a quick and a slow mean. */
const QUICK_SHARE = 0.3;
const SLOW_SHARE = 0.05;
/** Waves of the day, of which deviations are multiples. */
const WAVES = 8;
/** Values that are kept singly. */
export const NEAR = 3;

/**
 * The last values, the newest first: values, their deviations from the usual week, and from the
 * usual day; then the quick and the slow mean.
 */
export type Near = Float64Array;
const [WEEKLY, DAILY, QUICK, SLOW] = [NEAR, 2 * NEAR, 3 * NEAR, 3 * NEAR + 1];
const NEAR_WIDTH = 3 * NEAR + 2;

/** Terms of a row: see `writeTerms`. */
export const N_TERMS: number = NEAR_WIDTH + 2 + 3 * 3 + 3 * 2 * WAVES;

/** The times of all series: they are observed together. */
export interface Slots {
  readonly perDay: number;
  readonly startHour: number;
  readonly stepHours: number;
  /** Which slot lies in each place of the rings, and how many values it has. */
  readonly ids: Float64Array;
  readonly counts: Uint32Array;
}

export function createSlots(startHour: number, stepHours: number): Slots {
  const perDay = Math.min(MOST_SLOTS, Math.max(1, Math.floor(DAY_HOURS / stepHours + 1e-6)));
  const length = WEEK_DAYS * perDay + 4;
  const ids = new Float64Array(length).fill(Number.NaN);
  return { perDay, startHour, stepHours, ids, counts: new Uint32Array(length) };
}

/** Where an hour lies, in slots: whole numbers are the middles of slots. */
function placeOf({ perDay, startHour }: Slots, hour: number): number {
  const place = ((hour - startHour) * perDay) / DAY_HOURS;
  const nearest = Math.round(place);
  return Math.abs(place - nearest) < 1e-6 ? nearest : place;
}

/** Counts a value of every series at this hour. Modifies `slots`. */
export function countValue(slots: Slots, hour: number): void {
  const id = Math.round(placeOf(slots, hour));
  const at = remainder(id, slots.ids.length);
  slots.counts[at] = slots.ids[at] === id ? slots.counts[at]! + 1 : 1;
  slots.ids[at] = id;
}

/** Whether every term of the next hour is known, but for gaps. */
export function isWeekKnown({ perDay, startHour }: Slots, hour: number): boolean {
  return ((hour - startHour) * perDay) / DAY_HOURS > WEEK_DAYS * perDay + 1;
}

export interface Memory {
  readonly near: Near;
  /** Means of the slots of the last week, placed as `Slots.ids`. */
  readonly ring: Float64Array;
  /** NaN where nothing was seen. Shape (7 · perDay,) and (perDay,). */
  readonly usualWeek: Float64Array;
  readonly usualDay: Float64Array;
}

export function createMemory({ perDay, ids }: Slots): Memory {
  return {
    near: new Float64Array(NEAR_WIDTH),
    ring: new Float64Array(ids.length),
    usualWeek: new Float64Array(WEEK_DAYS * perDay).fill(Number.NaN),
    usualDay: new Float64Array(perDay).fill(Number.NaN),
  };
}

/** Takes a value that `countValue` has counted; the first must be 0. Modifies `memory`. */
export function remember(memory: Memory, slots: Slots, hour: number, value: number): void {
  const { ring, near, usualWeek, usualDay } = memory;
  const id = Math.round(placeOf(slots, hour));
  const at = remainder(id, ring.length);
  const count = slots.counts[at]!;
  ring[at] = count === 1 ? value : ring[at]! + (value - ring[at]!) / count;
  pushValue(memory, near, slots, { hour, value });
  const part = Math.min(1, (slots.stepHours * slots.perDay) / DAY_HOURS);
  for (const usual of [usualWeek, usualDay]) {
    const place = remainder(id, usual.length);
    const isFirst = id < usual.length || Number.isNaN(usual[place]!);
    // The plain mean, until that would move less than the least share.
    const least = Math.max(USUAL_SHARE, 1 / (1 + Math.floor(id / usual.length)));
    usual[place] = isFirst ? ring[at]! : usual[place]! + part * least * (value - usual[place]!);
  }
}

/** Puts a value, seen or expected, before the last ones. Modifies `near`. */
export function pushValue(
  memory: Memory,
  near: Near,
  slots: Slots,
  { hour, value }: { readonly hour: number; readonly value: number },
): void {
  const place = placeOf(slots, hour);
  const [week, day] = [weekAt(memory, place, near), dayAt(memory, place, near)];
  near.copyWithin(1, 0, DAILY + NEAR - 1);
  near[0] = value;
  near[WEEKLY] = value - week;
  near[DAILY] = value - day;
  near[QUICK]! += QUICK_SHARE * (value - near[QUICK]!);
  near[SLOW]! += SLOW_SHARE * (value - near[SLOW]!);
}

/**
 * Writes the terms for an hour to `out`, shape (N_TERMS,): the near values, what is usual at that
 * hour in the week and the day; slots about the same time a day ago, their deviations from the
 * usual week, and slots a week ago; the last two deviations from the week and the last from the
 * day, times waves of the day. What is not known is 0. Modifies `out`.
 */
export function writeTerms(
  memory: Memory,
  near: Near,
  { slots, hour }: { readonly slots: Slots; readonly hour: number },
  out: Float64Array,
): void {
  const { perDay } = slots;
  const { ring } = memory;
  const place = placeOf(slots, hour);
  let t = NEAR_WIDTH;
  out.set(near);
  out[t++] = weekAt(memory, place, near);
  out[t++] = dayAt(memory, place, near);
  for (const shift of [-1, 0, 1]) {
    const then = place - perDay + shift;
    const value = slotAt(ring, slots, then);
    out[t++] = Number.isNaN(value) ? 0 : value;
    out[t++] = Number.isNaN(value) ? 0 : value - weekAt(memory, then, near);
    const weekAgo = slotAt(ring, slots, place - WEEK_DAYS * perDay + shift);
    out[t++] = Number.isNaN(weekAgo) ? 0 : weekAgo;
  }
  for (let wave = 1; wave <= WAVES; wave++) {
    const turn = (2 * Math.PI * remainder(wave * place, perDay)) / perDay;
    for (const factor of [sin(turn), cos(turn)]) {
      out[t++] = near[WEEKLY]! * factor;
      out[t++] = near[WEEKLY + 1]! * factor;
      out[t++] = near[DAILY]! * factor;
    }
  }
}

/** What is usual in a day; the slow mean where nothing is usual yet. */
function dayAt({ usualDay }: Memory, place: number, near: Near): number {
  const value = between(place, (id) => usualDay[remainder(id, usualDay.length)]!);
  return Number.isNaN(value) ? near[SLOW]! : value;
}

/** What is usual in a week, or else in a day. */
function weekAt(memory: Memory, place: number, near: Near): number {
  const { usualWeek } = memory;
  const value = between(place, (id) => usualWeek[remainder(id, usualWeek.length)]!);
  return Number.isNaN(value) ? dayAt(memory, place, near) : value;
}

/** NaN for slots that have passed out of the ring, or that lie in a gap. */
function slotAt(ring: Float64Array, { ids }: Slots, place: number): number {
  return between(place, (id) => {
    const at = remainder(id, ring.length);
    return ids[at] === id ? ring[at]! : Number.NaN;
  });
}

/** Between the middles of two slots; the one that is known where the other is not. */
function between(place: number, read: (id: number) => number): number {
  const low = Math.floor(place);
  const before = read(low);
  if (place === low) return before;
  const after = read(low + 1);
  if (Number.isNaN(before)) return after;
  if (Number.isNaN(after)) return before;
  return before + (place - low) * (after - before);
}

function remainder(id: number, length: number): number {
  return ((id % length) + length) % length;
}
