import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TreeGate } from "../../../src/gate/index.ts";
import { boundaryCosts } from "../../../src/gate/index.ts";
import { extendTree } from "../../../src/gate/tree/extend.ts";
import { fitTree } from "../../../src/gate/tree/fit.ts";
import { treeScores } from "../../../src/gate/tree/scores.ts";
import { matrix } from "../../../src/shared/matrix.ts";
import { makeWorld, shareWrong, type World } from "../boundary/worlds.ts";

function fitTo(world: World): TreeGate {
  const { X, errors, variance, experts } = makeWorld(world);
  const costs = boundaryCosts(errors, variance);
  return fitTree({ X, costs, nExperts: world.nExperts }, Int32Array.from(experts.keys()));
}

const countLeaves = ({ nodes }: TreeGate): number =>
  nodes.filter((node) => "expert" in node).length;

test("ten rows, two experts: the cut is in the middle of the one gap that costs nothing", () => {
  const X = matrix(Float32Array.of(0, 1, 2, 3, 4, 6, 7, 8, 9, 10), 10, 1);
  const costs = Float64Array.of(0, 7, 0, 7, 0, 7, 0, 7, 0, 7, 7, 0, 7, 0, 7, 0, 7, 0, 7, 0);
  const rows = Int32Array.from({ length: 10 }, (_, i) => i);
  const gate = fitTree({ X, costs, nExperts: 2 }, rows);
  const [values, below] = [Float64Array.of(4, 6), Float64Array.of(0, 1)];
  expect(gate.nodes).toEqual([
    { feature: 0, threshold: 5, values, below, left: 1, right: 2 },
    { expert: 0 },
    { expert: 1 },
  ]);
  const between = matrix(Float32Array.of(-9, 4.5, 5, 5.5, 99), 5, 1);
  expect([...treeScores(gate, between)]).toEqual([1, 0, 0.75, 0.25, 0.5, 0.5, 0.25, 0.75, 0, 1]);
});

describe("the shape of a tree", () => {
  test("a checkerboard, which no first cut explains, takes its four fields", () => {
    const expertOf = ([a, b]: readonly number[]) => (a! > 0.1 !== b! > -0.2 ? 1 : 0);
    const board = fitTo({ nRows: 500, nFeatures: 4, nExperts: 2, expertOf, seed: 1 });
    expect(countLeaves(board)).toBe(4);
  });

  test("six fields of five experts take six leaves, and a shared cut one place", () => {
    const expertOf = ([a, b]: readonly number[]) => {
      const field = (a! < -1 / 3 ? 0 : a! < 1 / 3 ? 1 : 2) + (b! < 0 ? 0 : 3);
      return field === 5 ? 0 : field;
    };
    for (const seed of [1, 2, 3]) {
      const six = fitTo({ nRows: 1000, nFeatures: 2, nExperts: 5, expertOf, seed });
      expect(countLeaves(six)).toBe(6);
      const places = six.nodes.flatMap((node) => ("feature" in node ? [node.threshold] : []));
      expect(new Set(places).size).toBe(3);
    }
  });

  test("where all experts cost the same there is one leaf", () => {
    const none = fitTo({
      nRows: 200,
      nFeatures: 3,
      nExperts: 3,
      expertOf: () => 1,
      seed: 4,
      jump: 0,
    });
    expect(none.nodes).toHaveLength(1);
  });

  test("48 features that do not matter are not cut", () => {
    const expertOf = ([a, b]: readonly number[]) => (a! < 0.3 ? 0 : b! < 0 ? 1 : 2);
    const wide = fitTo({ nRows: 600, nFeatures: 50, nExperts: 3, expertOf, seed: 5 });
    const features = wide.nodes.flatMap((node) => ("feature" in node ? [node.feature] : []));
    expect(features.sort()).toEqual([0, 1]);
  });

  test("a regime of one row in a hundred has a leaf", () => {
    const expertOf = ([a]: readonly number[]) => (a! > 0.98 ? 1 : 0);
    const world = { nRows: 2000, nFeatures: 3, nExperts: 2, expertOf, seed: 6 };
    const small = fitTo(world);
    const test = makeWorld({ ...world, seed: 16 });
    expect(countLeaves(small)).toBe(2);
    expect(shareWrong(treeScores(small, test.X), test.experts)).toBeLessThan(0.002);
  });
});

test("two-valued columns are cut cleanly: every score is 0 or 1", () => {
  const values = Float32Array.from({ length: 400 }, (_, at) => (at * 7 + (at >> 1)) % 2);
  const X = matrix(values, 200, 2);
  const costs = Float64Array.from({ length: 400 }, (_, at) => {
    return (values[at - (at % 2)] === 1) === (at % 2 === 1) ? 0 : 7;
  });
  const rows = Int32Array.from({ length: 200 }, (_, i) => i);
  const gate = fitTree({ X, costs, nExperts: 2 }, rows);
  expect(countLeaves(gate)).toBe(2);
  expect(treeScores(gate, X).every((score) => score === 0 || score === 1)).toBe(true);
});

test("permuting the experts permutes the scores", () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom([1, 2, 0], [2, 1, 0], [0, 2, 1]), (seed, order) => {
      const expertOf = ([a, b]: readonly number[]) => (a! < 0.2 ? 0 : b! < -0.1 ? 1 : 2);
      const { X, errors, variance } = makeWorld({
        nRows: 150,
        nFeatures: 2,
        nExperts: 3,
        expertOf,
        seed,
      });
      const costs = boundaryCosts(errors, variance);
      const permuted = costs.map((_, at) => costs[at - (at % 3) + order[at % 3]!]!);
      const rows = Int32Array.from({ length: 150 }, (_, i) => i);
      const plain = treeScores(fitTree({ X, costs, nExperts: 3 }, rows), X);
      const moved = treeScores(fitTree({ X, costs: permuted, nExperts: 3 }, rows), X);
      moved.forEach((score, at) => {
        expect(score).toBeCloseTo(plain[at - (at % 3) + order[at % 3]!]!, 9);
      });
    }),
    { numRuns: 20 },
  );
});

test("an expert more takes its rows from the leaves of one, and no others change", () => {
  const expertOf = ([a]: readonly number[]) => (a! < 0 ? 0 : 1);
  const gate = fitTo({ nRows: 300, nFeatures: 2, nExperts: 2, expertOf, seed: 8 });
  const { X, errors, variance, experts } = makeWorld({
    nRows: 300,
    nFeatures: 2,
    nExperts: 3,
    expertOf: ([a, b]) => (a! < 0 ? 0 : b! < 0.5 ? 1 : 2),
    seed: 9,
  });
  const costs = boundaryCosts(errors, variance);
  const grown = extendTree(gate, { X, costs, nExperts: 3 }, [1]);
  expect(shareWrong(treeScores(grown, X), experts)).toBeLessThan(0.02);
  const [before, after] = [treeScores(gate, X), treeScores(grown, X)];
  for (let i = 0; i < X.nRows; i++) expect(after[3 * i]).toBe(before[2 * i]);
});
