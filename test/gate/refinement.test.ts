/**
 * Goal: a gate that is changed in one place is what it was in all others, to the last bit.
 * Method: gates of four strips of a square; two of them are divided anew, one gets a fifth expert,
 * and rows are taken out of machines that had kept them.
 */
import { describe, expect, test } from "vitest";
import {
  countExperts,
  fitSvmGate,
  gateScores,
  refineSoftmax,
  refineSvm,
  refitMachines,
  type SvmGate,
  topExperts,
} from "../../src/gate/index.ts";
import { type Matrix, rowOf } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";
import { executor, knownModel } from "../update/streams.ts";

const { engine } = executor;

function square(nRows: number, seed: number): Matrix {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: 2 * nRows }, () => 4 * rng.uniform() - 2);
  return { values, nRows, nColumns: 2 };
}

/** The strip of each row, by its first input. */
function stripsOf(X: Matrix): Int32Array {
  return Int32Array.from({ length: X.nRows }, (_, i) => {
    return Math.min(3, Math.floor(rowOf(X, i)[0]! + 2));
  });
}

const X = square(400, 1);
const gate = await fitSvmGate(X, stripsOf(X), 4, { seed: 1, costs: [100], gammas: [1] });
const fresh = square(300, 2);

function column(scores: Float64Array, nExperts: number, k: number): number[] {
  return Array.from({ length: scores.length / nExperts }, (_, i) => scores[i * nExperts + k]!);
}

describe("an SVM gate", () => {
  // The upper half of strip 1 goes to a fifth expert.
  const own = [...stripsOf(X).keys()].filter((i) => stripsOf(X)[i] === 1);
  const part: Matrix = {
    values: Float32Array.from(own.flatMap((i) => [...rowOf(X, i)])),
    nRows: own.length,
    nColumns: 2,
  };
  const labels = Int32Array.from(own, (i) => (rowOf(X, i)[1]! > 0 ? 1 : 0));

  test("with a refinement scores all other experts as before, bit for bit", async () => {
    const refined = await refineSvm(gate, { X: part, labels }, { experts: [1, 4], seed: 1 });
    expect(countExperts(refined)).toBe(5);
    const [was, is] = [gateScores(engine, gate, fresh), gateScores(engine, refined, fresh)];
    for (const k of [0, 2, 3]) expect(column(is, 5, k)).toEqual(column(was, 4, k));
    const together = column(is, 5, 1).map((score, i) => score + is[i * 5 + 4]!);
    together.forEach((total, i) => {
      expect(total).toBeCloseTo(was[i * 4 + 1]!, 12);
    });
    const top = topExperts(is, 5);
    const strips = stripsOf(fresh);
    const wrong = [...top.keys()].filter((i) => {
      const [a, b] = rowOf(fresh, i);
      const isInside = strips[i] === 1 && Math.abs(a! + 0.5) < 0.4 && Math.abs(b!) > 0.15;
      return isInside && top[i] !== (b! > 0 ? 4 : 1);
    });
    expect(wrong).toEqual([]);
  });

  test("refined twice for the same experts keeps the last refinement", async () => {
    const options = { experts: [1, 4], seed: 1 };
    const once = await refineSvm(gate, { X: part, labels }, options);
    const twice = await refineSvm(once, { X: part, labels }, options);
    expect(twice.refinements).toHaveLength(1);
  });

  test("does not keep rows that it is to forget", async () => {
    const kept = gate.machines[0]!.supportVectors;
    const forgotten: Matrix = { values: kept.values.slice(0, 2), nRows: 1, nColumns: 2 };
    const left = [...stripsOf(X).keys()].filter((i) => rowOf(X, i)[0] !== forgotten.values[0]);
    const remaining: Matrix = {
      values: Float32Array.from(left.flatMap((i) => [...rowOf(X, i)])),
      nRows: left.length,
      nColumns: 2,
    };
    const without = await refitMachines(
      gate,
      forgotten,
      { X: remaining, labels: stripsOf(remaining) },
      { seed: 1 },
    );
    const keeps = ({ machines }: SvmGate): boolean =>
      machines.some(({ supportVectors }) =>
        Array.from({ length: supportVectors.nRows }, (_, s) => rowOf(supportVectors, s)).some(
          (row) => row[0] === forgotten.values[0] && row[1] === forgotten.values[1],
        ),
      );
    expect(keeps(gate)).toBe(true);
    expect(keeps(without)).toBe(false);
    expect(await refitMachines(without, forgotten, { X, labels: stripsOf(X) }, { seed: 1 })).toBe(
      without,
    );
  });
});

test("a softmax gate with one output more scores rows far from it as before, bit for bit", async () => {
  const { model } = await knownModel("intervals", { nRows: 800, seed: 1, gate: "softmax" });
  const { gate: soft } = model.members[0]!.mixture;
  if (soft?.kind !== "softmax") throw new Error("it is a softmax gate");
  const line = { values: Float32Array.from({ length: 400 }, (_, i) => i / 125 - 1.6), nRows: 400 };
  const points: Matrix = { ...line, nColumns: 1 };
  const was = gateScores(engine, soft, points);
  const targets = new Float64Array(400 * 5);
  for (let i = 0; i < 400; i++) {
    if (points.values[i]! > 1.2) targets[i * 5 + 4] = 1;
    else targets.set(was.subarray(i * 4, i * 4 + 4), i * 5);
  }
  const refined = refineSoftmax(engine, soft, { X: points, targets, nExperts: 5 }, [3, 4]);
  const is = gateScores(engine, refined, points);
  let nSame = 0;
  for (let i = 0; i < 400; i++) {
    const untouched = was[i * 4 + 3] === 0 && is[i * 5 + 3] === 0 && is[i * 5 + 4] === 0;
    if (!untouched) continue;
    nSame += 1;
    expect([...is.subarray(i * 5, i * 5 + 4)]).toEqual([...was.subarray(i * 4, i * 4 + 4)]);
  }
  expect(nSame).toBeGreaterThan(200);
  expect(topExperts(is, 5)[399]).toBe(4);
  // Truncation: nobody has a little of a row.
  expect(is.every((score) => score === 0 || score > 0.009)).toBe(true);
});
