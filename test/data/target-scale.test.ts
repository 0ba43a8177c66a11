/**
 * Goal: a target comes back from standard units as it went in, and answers for a logarithm are
 * positive and of the right mean.
 * Method: a worked example, and random targets over many decades.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  answerInUnits,
  errorsInUnits,
  fitTarget,
  scaleTarget,
  shiftAnswer,
  standardAnswer,
  unscaleTarget,
  withFactor,
} from "../../src/data/index.ts";

const decades = Float64Array.of(1, 10, 100);
const log = fitTarget("y", decades, "log");

test("the logarithm's mean and deviation are those of the logarithms", () => {
  expect(log.mean).toBeCloseTo(Math.log(10), 12);
  expect(log.scale).toBeCloseTo(Math.log(10) * Math.sqrt(2 / 3), 12);
  // A tenth of two decades beyond both ends.
  expect(log.least).toBeCloseTo(10 ** -0.2, 12);
  expect(log.most).toBeCloseTo(10 ** 2.2, 9);
});

test("targets survive the way there and back", () => {
  const targets = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 2 });
  fc.assert(
    fc.property(targets, fc.constantFrom(undefined, "log" as const), (given, transform) => {
      const y = Float64Array.from(given);
      const target = fitTarget("y", y, transform);
      const back = unscaleTarget(scaleTarget(y, target), target);
      const size = transform === undefined ? 6 * target.scale : 0;
      back.forEach((value, i) => {
        expect(Math.abs(value - y[i]!)).toBeLessThanOrEqual(1e-5 * (y[i]! + size));
      });
    }),
  );
});

test("the factor makes the sum of answers that of the targets", () => {
  const truths = scaleTarget(Float64Array.of(1, 100), log);
  const answers = scaleTarget(Float64Array.of(10, 10), log);
  const target = withFactor(log, answers, truths);
  expect(target.factor).toBeCloseTo(101 / 20, 5);
  expect(answerInUnits(target, answers[0]!)).toBeCloseTo(50.5, 4);
  expect(standardAnswer(target, 50.5)).toBeCloseTo(answers[0]!, 5);
  expect(errorsInUnits(answers, truths, target)[0]).toBeCloseTo(49.5, 3);
  // The interval is around the answer without the factor.
  expect(shiftAnswer(target, 50.5, 0)).toBeCloseTo(10, 4);
  const plain = fitTarget("y", decades);
  expect(withFactor(plain, answers, truths)).toBe(plain);
});

test("a target that is not positive has no logarithm", () => {
  expect(() => fitTarget("y", Float64Array.of(1, 0), "log")).toThrow(
    'target "y" must be positive to have a logarithm, found 0',
  );
});
