/**
 * Goal: after an update no regime's intervals are told by errors of an expert that is gone.
 * Method: a set with known regimes and errors by hand; a law that changes in one regime, with few
 * new rows and with many; a new regime; rows forgotten.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { readBundle, writeBundle } from "../../../src/bundle/index.ts";
import { type Calibration, calibrate } from "../../../src/mixture/index.ts";
import { intervalsAfter } from "../../../src/update/commit/intervals.ts";
import { type Current, forgetKey, update } from "../../../src/update/index.ts";
import { startDraft, withExpert } from "../../../src/update/train/draft.ts";
import { knownBundle } from "../bundles.ts";
import { type Drift, executor, keepRows, knownModel, pickRows, rowsOf } from "../streams.ts";

const SET = { nRows: 1200, seed: 1 };
const shifted: Drift = (regime, [x]) => (regime === 1 ? 1.5 + Math.sin(2 * x!) : 0);

/** Regime k errs by k and a little more. */
function someErrors(nRegimes: number): Calibration {
  const errors = Float64Array.from({ length: 120 * nRegimes }, (_, i) => {
    return (i % nRegimes) + 0.1 + i / 1e4;
  });
  const regimes = errors.map((_, i) => i % nRegimes);
  return calibrate(errors, regimes, nRegimes);
}

function withIntervals(current: Current): Current & { model: { intervals: Calibration } } {
  const intervals = someErrors(current.model.members[0]!.mixture.experts.length);
  return { ...current, model: { ...current.model, intervals } };
}

describe("a law that changes in one regime of four", () => {
  let current: ReturnType<typeof withIntervals>;
  /** After so many new rows of that regime alone. */
  const updatedBy = async (nRows: number): Promise<Calibration> => {
    const old = keepRows(current, rowsOf("intervals", SET));
    const drawn = rowsOf("intervals", { nRows: 8 * nRows, seed: 7, drift: shifted });
    const own = [...drawn.y.keys()].filter((i) => drawn.regimes[i] === 1);
    const rows = pickRows(drawn, own.slice(0, nRows));
    const updated = await update(current, rows, { executor, seed: 1, old });
    expect(updated.affected).toEqual([[1]]);
    return updated.current.model.intervals!;
  };
  beforeAll(async () => {
    current = withIntervals(await knownModel("intervals", SET));
  });

  test("leaves the others' errors the same objects, and the pooled ones", async () => {
    const { regimes, pooled } = await updatedBy(100);
    for (const k of [0, 2, 3]) expect(regimes[k]).toBe(current.model.intervals.regimes[k]);
    expect(pooled).toBe(current.model.intervals.pooled);
  });

  test("sends that regime to the pooled errors where too few new ones are held out", async () => {
    expect((await updatedBy(100)).regimes[1]).toBeNull();
  });

  test("gives it the errors of its new expert where they are enough", async () => {
    const own = (await updatedBy(480)).regimes[1]!;
    expect(own.nErrors).toBeGreaterThanOrEqual(100);
    // The new expert is far better than the errors that were made up for the old one.
    expect(own.sizes.at(-1)!).toBeLessThan(1);
  }, 30_000);
});

test("a bundle keeps the blobs of regimes that were left alone, and forgets with the rows", async () => {
  const { folder, current } = await knownBundle("intervals", SET);
  const { manifest, explanation } = await readBundle(folder);
  const { model } = withIntervals(current);
  const { provenance } = manifest;
  const facts = { provenance, experts: current.experts };
  await writeBundle(folder, { model, facts, explanation: explanation! });
  const before = (await readBundle(folder)).manifest.intervals!;
  const { affected } = await forgetKey(
    folder,
    { column: "plant", value: "P7" },
    { executor, seed: 1 },
  );
  const { intervals } = (await readBundle(folder)).manifest;
  expect(intervals!.pooled).toEqual(before.pooled);
  expect(affected.length).toBeGreaterThan(0);
  for (const [k, own] of intervals!.regimes.entries()) {
    const isAffected = affected.some(({ id }) => id === `m0.e${k}`);
    if (isAffected) expect(own?.blob).not.toBe(before.regimes[k]!.blob);
    else expect(own).toEqual(before.regimes[k]);
  }
});

describe("the kept part of a calibration", () => {
  const begin = async () => withIntervals(await knownModel("intervals", { nRows: 400, seed: 2 }));

  test("is all where nothing changed, and nothing where there was none", async () => {
    const current = await begin();
    const { intervals } = current.model;
    expect(intervalsAfter(intervals, [startDraft(current, 0)]).intervals).toEqual(intervals);
    expect(intervalsAfter(undefined, [])).toEqual({});
  });

  test("is not that of an expert whose scores are divided again, nor of a new one", async () => {
    const current = await begin();
    const { regimes } = current.model.intervals;
    const start = startDraft(current, 0);
    const draft = {
      ...withExpert(start, 4, { ...start.experts[0]!, errors: null }),
      gated: [2, 4],
    };
    const kept = intervalsAfter(current.model.intervals, [draft]).intervals!.regimes;
    expect(kept).toEqual([regimes[0], regimes[1], null, regimes[3], null]);
  });

  test("is by no regime in a committee of which another member has changed", async () => {
    const current = await begin();
    const [first] = current.model.members;
    const members = [first!, first!].map(({ mixture }) => ({ weight: 0.5, mixture }));
    const two = { ...current, model: { ...current.model, members } };
    const explanation = { members: [0, 1].map(() => current.explanation!.members[0]!) };
    const experts = [current.experts[0]!, current.experts[0]!];
    const [a, b] = [0, 1].map((m) => startDraft({ ...two, explanation, experts }, m));
    const { intervals } = current.model;
    const other = a!.experts[1]!;
    const changed = withExpert(a!, 1, { ...other, expert: { ...other.expert } });
    const kept = intervalsAfter(intervals, [changed, b!]).intervals!.regimes;
    expect(kept).toEqual([intervals.regimes[0], null, intervals.regimes[2], intervals.regimes[3]]);
    const both = [changed, { ...b!, experts: changed.experts }];
    expect(intervalsAfter(intervals, both).intervals!.regimes).toEqual([null, null, null, null]);
  });
});
