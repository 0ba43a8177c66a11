/**
 * A forecast by ridge regression on lags, one step ahead, refitted as values come in.
 *
 * Values are square roots of the traffic: the spread of counts is then the same in quiet and in
 * busy hours. A forecast further ahead than one step takes the forecasts before it for values.
 */
import {
  countValue,
  createMemory,
  createSlots,
  isWeekKnown,
  type Memory,
  N_TERMS,
  NEAR,
  pushValue,
  remember,
  type Slots,
  writeTerms,
} from "./lag-terms.ts";
import type { Method } from "./method.ts";
import { createOnlineRidge, type OnlineRidge } from "./online-ridge.ts";

const PENALTY = 0.1;
/** After how many hours a value counts half. */
const HALF_HOURS = 1200;
/** Of a fit. */
const LEAST_ROWS: number = 2 * N_TERMS;
/** Between two fits: a share of the rows, but no longer than some hours. */
const REFIT_SHARE = 1 / 8;
const REFIT_HOURS = 6;
/** Limits of a row's weight, which is its traffic ÷ the mean: errors count in traffic. */
const [LEAST_WEIGHT, MOST_WEIGHT] = [0.05, 20];
/** Further ahead, in hours and steps, there is no answer. */
const MOST_HOURS = 24;
const MOST_STEPS = 48;
/** A forecast is at most this many times the largest value seen. */
const MOST_GROWTH = 2;
/** Another interval, this many times in a row, is the interval from now on. */
const NEW_INTERVAL = 3;

/** @param n - Series. */
export function createLagRidge(n: number): Method {
  let learnt: Learnt | null = null;
  let lastHour = Number.NaN;
  /** The latest intervals, if they are unlike the one that was learnt with. */
  let odd: readonly number[] = [];
  return {
    observe(hour, traffic) {
      const interval = hour - lastHour;
      if (interval <= 0) return;
      lastHour = hour;
      if (Number.isNaN(interval)) return;
      const isOdd = learnt !== null && !isNearly(interval, learnt.slots.stepHours);
      odd = isOdd ? [...odd, interval].slice(-NEW_INTERVAL) : [];
      const isNew = odd.length === NEW_INTERVAL && odd.every((one) => isNearly(one, interval));
      if (learnt === null || isNew) {
        learnt = createLearnt(traffic, createSlots(hour, interval));
        odd = [];
      }
      learn(learnt, { hour, interval, traffic });
    },
    expect: (hour) => {
      if (learnt === null) return new Float64Array(n).fill(Number.NaN);
      const { slots, series } = learnt;
      return Float64Array.from(series, (one) => expectOne(one, slots, lastHour, hour));
    },
  };
}

function isNearly(interval: number, other: number): boolean {
  return interval > 0.5 * other && interval < 1.5 * other;
}

interface Series {
  readonly memory: Memory;
  readonly ridge: OnlineRidge;
  /** The root of the first traffic: values are counted from it. */
  readonly start: number;
  /** The largest traffic seen, and the mean. */
  most: number;
  mean: number;
  nRows: number;
}

interface Learnt {
  /** Whether rows from before a week was known have been dropped: their terms meant less. */
  isWeekKnown: boolean;
  readonly slots: Slots;
  readonly series: readonly Series[];
}

function createLearnt(traffic: Float64Array, slots: Slots): Learnt {
  const keep = 0.5 ** (slots.stepHours / HALF_HOURS);
  const series = Array.from(traffic, (value) => ({
    memory: createMemory(slots),
    ridge: createOnlineRidge(N_TERMS, { keep, penalty: PENALTY }),
    start: Math.sqrt(value),
    most: 0,
    mean: 0,
    nRows: 0,
  }));
  return { isWeekKnown: false, slots, series };
}

interface Observed {
  readonly hour: number;
  /** Since the value before. */
  readonly interval: number;
  readonly traffic: Float64Array;
}

/** Modifies `learnt`. */
function learn(learnt: Learnt, { hour, interval, traffic }: Observed): void {
  const { slots, series } = learnt;
  const { stepHours } = slots;
  const nMissing = Math.min(NEAR, Math.round(interval / stepHours) - 1);
  const terms = new Float64Array(N_TERMS);
  const isDropped = !learnt.isWeekKnown && isWeekKnown(slots, hour);
  if (isDropped) learnt.isWeekKnown = true;
  countValue(slots, hour);
  for (const [i, one] of series.entries()) {
    const { memory, ridge, start } = one;
    const { near } = memory;
    const value = Math.sqrt(traffic[i]!) - start;
    for (let back = nMissing; back > 0; back--) {
      pushValue(memory, near, slots, { hour: hour - back * stepHours, value: near[0]! });
    }
    if (isDropped) {
      ridge.drop();
      one.nRows = 0;
    }
    writeTerms(memory, near, { slots, hour }, terms);
    ridge.add(terms, value, weightOf(one, ridge.answer(terms)));
    remember(memory, slots, hour, value);
    one.most = Math.max(one.most, traffic[i]!);
    one.nRows += 1;
    one.mean += (traffic[i]! - one.mean) / one.nRows;
    if (isFitDue(one.nRows, i, stepHours)) ridge.fit();
  }
}

function weightOf(one: Series, expected: number): number {
  const weight = trafficOf(one, expected) / one.mean;
  return Number.isFinite(weight) ? Math.min(MOST_WEIGHT, Math.max(LEAST_WEIGHT, weight)) : 1;
}

/** Fits are spread over the steps, so that not all series are fitted in one. */
function isFitDue(nRows: number, i: number, stepHours: number): boolean {
  if (nRows < LEAST_ROWS) return false;
  const most = Math.max(1, REFIT_HOURS / stepHours);
  const period = 2 ** Math.floor(Math.log2(Math.min(most, REFIT_SHARE * nRows)));
  return (nRows + i) % period === 0;
}

/** What a value says of the traffic, within limits. */
function trafficOf({ start, most }: Series, value: number): number {
  return Math.min(MOST_GROWTH * most, Math.max(0, value + start) ** 2);
}

/** NaN before the first fit, and too far ahead. */
function expectOne(one: Series, slots: Slots, lastHour: number, hour: number): number {
  const { memory, ridge } = one;
  const nSteps = Math.max(1, Math.round((hour - lastHour) / slots.stepHours));
  if (nSteps > MOST_STEPS || hour - lastHour > MOST_HOURS) return Number.NaN;
  const near = memory.near.slice();
  const terms = new Float64Array(N_TERMS);
  for (let left = nSteps - 1; left > 0; left--) {
    const before = hour - left * slots.stepHours;
    writeTerms(memory, near, { slots, hour: before }, terms);
    pushValue(memory, near, slots, { hour: before, value: ridge.answer(terms) });
  }
  writeTerms(memory, near, { slots, hour }, terms);
  return trafficOf(one, ridge.answer(terms));
}
