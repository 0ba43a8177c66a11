/**
 * Goal: the regression is the ridge of the rows that it was given; its terms are what the series
 * was; of two methods each series uses the one that erred less.
 * Method: coefficients of scikit-learn; series whose terms can be counted by hand; series on which
 * one method is plainly better, and methods whose answers are given.
 */
import { describe, expect, test } from "vitest";
import {
  createForecaster,
  createHoltWinters,
  createLagRidge,
  type Method,
} from "../../../src/cluster/forecast/index.ts";
import {
  countValue,
  createMemory,
  createSlots,
  N_TERMS,
  remember,
  writeTerms,
} from "../../../src/cluster/forecast/lag-terms.ts";
import { createOnlineRidge } from "../../../src/cluster/forecast/online-ridge.ts";
import { createRng } from "../../../src/shared/rng.ts";

/** Mean error of forecasts a step ahead ÷ the mean, from an hour on; NaN if one is. */
function errorOf(
  method: Method,
  { valueAt, step, hours }: { valueAt: (hour: number) => number; step: number; hours: number },
): number {
  let [missed, sum] = [0, 0];
  for (let t = 0; t < hours / step; t++) {
    const value = valueAt(t * step);
    if (t > hours / step / 2) {
      missed += Math.abs(method.expect(t * step)[0]! - value);
      sum += value;
    }
    method.observe(t * step, Float64Array.of(value));
  }
  return missed / sum;
}

describe("a ridge from sums that forget", () => {
  test("has the coefficients that scikit-learn's Ridge has", () => {
    const ridge = createOnlineRidge(3, { keep: 0.9, penalty: 0.5 });
    const terms = (t: number) => Float64Array.of(Math.sin(t), t / 10, (t * t) % 7);
    expect(ridge.answer(terms(0))).toBeNaN();
    for (let t = 0; t < 30; t++) {
      const [a, b, c] = terms(t);
      ridge.add(terms(t), 2 * a! - b! + 0.5 * c! + (t % 3), 1 + (t % 2));
    }
    ridge.fit();
    // scikit-learn 1.x: Ridge(alpha).fit(X, y, sample_weight=(1 + t % 2) * 0.9 ** (29 - t)), where
    // alpha is 0.5 times the mean weighted variance of the three columns, 0.4726616807.
    const theirs = [
      0.47587178724378354, 1.439164509547334, -0.7867400658748874, 0.5821652489863925,
    ];
    ridge.coefficients()!.forEach((own, a) => {
      expect(own).toBeCloseTo(theirs[a]!, 10);
    });
  });

  test("answers the mean where no term varies, and keeps its answers when rows are dropped", () => {
    const ridge = createOnlineRidge(2, { keep: 1, penalty: 0.1 });
    for (const target of [3, 5, 7]) ridge.add(Float64Array.of(4, 4), target, 1);
    ridge.fit();
    ridge.drop();
    expect(ridge.answer(Float64Array.of(4, 4))).toBeCloseTo(5, 12);
  });
});

describe("terms of a series", () => {
  test("are its last values, a day ago, a week ago and what is usual", () => {
    const slots = createSlots(0, 1);
    const memory = createMemory(slots);
    // The hour of the week, and in later weeks 1,000 more.
    const valueAt = (hour: number): number => (hour % 168) + 1000 * Math.floor(hour / 168);
    const terms = new Float64Array(N_TERMS);
    for (let hour = 0; hour < 200; hour++) {
      countValue(slots, hour);
      remember(memory, slots, hour, valueAt(hour));
    }
    writeTerms(memory, memory.near, { slots, hour: 200 }, terms);
    const near = [1031, 1030, 1029];
    expect([...terms.subarray(0, 3)]).toEqual(near);
    // A week before they were 1,000 less, which was then all that is usual.
    expect([...terms.subarray(3, 6)]).toEqual([1000, 1000, 1000]);
    // Hour 200 is hour 32 of the week, and was seen once.
    expect(terms[11]).toBe(32);
    // For the slot before, at and after the hour: a day ago, its deviation, a week ago. The hours
    // 175 to 177 have moved what is usual there by half of the 1,000.
    expect([...terms.subarray(13, 22)]).toEqual([1007, 500, 31, 1008, 500, 32, 1009, 500, 33]);
  });

  test("of quicker values lie in slots of half an hour, with the mean of each", () => {
    const slots = createSlots(0, 0.125);
    const memory = createMemory(slots);
    for (let i = 0; i <= 8 * 24; i++) {
      countValue(slots, i / 8);
      remember(memory, slots, i / 8, i % 4);
    }
    const terms = new Float64Array(N_TERMS);
    writeTerms(memory, memory.near, { slots, hour: 24.5 }, terms);
    // The slot about 0:30 has the values 2, 3, 0 and 1.
    expect(slots.perDay).toBe(48);
    expect(terms[16]).toBe(1.5);
  });
});

describe("the ridge on lags", () => {
  const weekly = (hour: number): number => {
    const isWeekend = Math.floor(hour / 24) % 7 >= 5;
    return 100 + (isWeekend ? 20 : 80) * Math.sin((2 * Math.PI * hour) / 24);
  };

  test("knows the week, and a day seen every five minutes", () => {
    const week = { valueAt: weekly, step: 1, hours: 6 * 168 };
    expect(errorOf(createLagRidge(1), week)).toBeLessThan(0.02);
    expect(errorOf(createHoltWinters(1), week)).toBeGreaterThan(0.1);
    const day = (hour: number): number => 100 + 80 * Math.sin((2 * Math.PI * hour) / 24);
    const fine = { valueAt: day, step: 1 / 12, hours: 240 };
    expect(errorOf(createForecaster(1), fine)).toBeLessThan(0.002);
    expect(errorOf(createHoltWinters(1), fine)).toBeGreaterThan(0.003);
  });

  test("answers several steps ahead, over gaps, and after values of another interval", () => {
    const ridge = createLagRidge(1);
    const see = (hour: number): void => ridge.observe(hour, Float64Array.of(weekly(hour)));
    for (let hour = 0; hour < 6 * 168; hour++) if (hour % 97 > 2) see(hour);
    for (const ahead of [1, 3, 12]) {
      const [expected, value] = [ridge.expect(1007 + ahead)[0]!, weekly(1007 + ahead)];
      expect(Math.abs(expected - value)).toBeLessThan(15);
    }
    expect(ridge.expect(1007 + 25)[0]).toBeNaN();
    // The clock stands or goes back: nothing is learnt from it.
    see(1000);
    expect(ridge.expect(1008)[0]).not.toBeNaN();
    for (let i = 1; i < 10; i++) see(1007 + i / 6);
    expect(ridge.expect(1007 + 10 / 6)[0]).toBeNaN();
    for (let i = 10; i < 400; i++) see(1007 + i / 6);
    const hour = 1007 + 400 / 6;
    expect(Math.abs(ridge.expect(hour)[0]! - weekly(hour))).toBeLessThan(10);
  });

  test("expects no traffic below 0, nor far above what was seen, from any series", () => {
    const rng = createRng(4);
    const ridge = createLagRidge(3);
    for (let hour = 0; hour < 600; hour++) {
      const wild = hour % 50 === 0 ? 1e9 : rng.uniform();
      const answers = ridge.expect(hour);
      ridge.observe(hour, Float64Array.of(0, 7, wild));
      if (hour < 400) continue;
      expect(answers[0]).toBe(0);
      expect(answers[1]).toBeCloseTo(7, 9);
      expect(answers[2]).toBeGreaterThanOrEqual(0);
      expect(answers[2]).toBeLessThanOrEqual(2e9);
    }
  });
});

describe("the choice between two methods", () => {
  const always = (...values: number[]): Method => ({
    observe: () => undefined,
    expect: () => Float64Array.from(values),
  });

  test("is made for each series, once both were compared a few times", () => {
    const forecaster = createForecaster(3, always(1, 1, 1), always(2, 2, Number.NaN));
    for (let hour = 0; hour < 12; hour++) {
      expect([...forecaster.expect(hour)]).toEqual([1, 1, 1]);
      forecaster.observe(hour, Float64Array.of(2, 1, 2));
    }
    forecaster.observe(12, Float64Array.of(2, 1, 2));
    expect([...forecaster.expect(13)]).toEqual([2, 1, 1]);
  });

  test("is made again when the other has erred less of late", () => {
    const forecaster = createForecaster(1, always(1), always(2));
    for (let hour = 0; hour < 100; hour++) forecaster.observe(hour, Float64Array.of(2));
    expect(forecaster.expect(100)[0]).toBe(2);
    for (let hour = 100; hour < 200; hour++) forecaster.observe(hour, Float64Array.of(1));
    expect(forecaster.expect(200)[0]).toBe(1);
  });
});
