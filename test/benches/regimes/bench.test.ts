/**
 * Goal: what bench regimes says is what was measured; a peer that misbehaves costs no more than
 * its own answers.
 * Method: errors, summaries and figures from made-up rows, worked by hand; a small real run with
 * peers that are scripts of ours, one for each way to fail; and the real peers, where they are
 * installed, on four intervals that all of them can find.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Figure } from "../../../src/benches/figures.ts";
import { PEERS_FOLDER } from "../../../src/benches/peer-process.ts";
import { benchRegimes, type RegimesOptions } from "../../../src/benches/regimes/bench.ts";
import { regimeFigures } from "../../../src/benches/regimes/figures.ts";
import { type FitOutcome, routedErrors } from "../../../src/benches/regimes/fit.ts";
import {
  askPeer,
  type KeptAnswer,
  type RegimePeer,
  startRegimePeers,
} from "../../../src/benches/regimes/peers.ts";
import { corruptCase, createCase, regimeSets } from "../../../src/benches/regimes/sets.ts";
import { type RegimeRow, summariseSets } from "../../../src/benches/regimes/summary.ts";
import { createWasmEngine } from "../../../src/experts/index.ts";
import { createInlineExecutor, PRESETS } from "../../../src/mixture/index.ts";
import { silent } from "../../../src/shared/progress.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-regimes-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a generated case has other test rows, and targets corrupted in training alone", async () => {
  const own = await createCase("five", { seed: 3, nRows: 200 });
  expect(own).toMatchObject({ set: "five", seed: 3, truth: { nRegimes: 5 } });
  expect(own.noiseVariance).toBeCloseTo(0.01, 12);
  expect(own.train.features.columns.map(({ name }) => name)).toEqual(["x1", "x2"]);
  expect(own.test.features.columns[0]!.values[0]).not.toBe(
    own.train.features.columns[0]!.values[0],
  );
  const worse = corruptCase(own, 0.05);
  const changed = own.train.y.filter((value, i) => value !== worse.train.y[i]);
  expect(changed.length).toBeGreaterThan(5);
  expect(changed.length).toBeLessThanOrEqual(10);
  expect(worse.train.y.every((value) => own.train.y.includes(value))).toBe(true);
  expect(worse.test).toBe(own.test);
});

test("a large case has its rows and features, of which two decide the regime", async () => {
  const { train, test, truth } = await createCase("five-20000x6", { seed: 1, nRows: 10 });
  expect([train.y.length, test.y.length, truth!.nRegimes]).toEqual([20_000, 5000, 5]);
  expect(train.features.columns.map(({ name }) => name).join()).toBe("x1,x2,x3,x4,x5,x6");
  const x6 = train.features.columns[5]!.values as Float64Array;
  expect([Math.min(...x6) < -1.99, Math.max(...x6) > 1.99]).toEqual([true, true]);
});

test("a set from a file is divided at random, each row on one side", async () => {
  const own = await createCase("tonedata", { seed: 1, nRows: 2000 });
  expect([own.train.y.length, own.test.y.length]).toEqual([120, 30]);
  expect(own.truth).toBeNull();
  const other = await createCase("tonedata", { seed: 2, nRows: 50 });
  expect([other.train.y.length, other.test.y.length]).toEqual([50, 30]);
  const sorted = (...parts: readonly Float64Array[]) => parts.flatMap((y) => [...y]).sort();
  const whole = await createCase("tonedata", { seed: 2, nRows: 2000 });
  expect(sorted(own.train.y, own.test.y)).toEqual(sorted(whole.train.y, whole.test.y));
  expect(own.test.y).not.toEqual(whole.test.y);
});

test("sets of a mirror are in the run where there is one", async () => {
  const sets = await regimeSets(undefined);
  expect(sets.slice(-4, -2)).toEqual(["nodata", "tonedata"]);
  expect(sets).toHaveLength(10);
});

test("errors are in noise variances, near a boundary and away", () => {
  const test = { features: { nRows: 4, columns: [] }, y: Float64Array.of(0, 0, 0, 2) };
  const near = Uint8Array.of(0, 0, 0, 1);
  expect(routedErrors({ test, noiseVariance: 0.5 }, [1, 0, 0, 4], near)).toEqual({
    all: (2 + 8) / 4,
    near: 8,
    away: 2 / 3,
    nearShare: 0.25,
  });
  // The targets' own variance is 3/4.
  const unknown = routedErrors({ test, noiseVariance: null }, [0.5, 0.5, 0.5, 0.5], near);
  expect(unknown.all).toBeCloseTo(1, 12);
  const none = routedErrors({ test, noiseVariance: 1 }, [0, 0, 0, 2], new Uint8Array(4));
  expect(none).toEqual({ all: 0, near: null, away: 0, nearShare: 0 });
});

const FIT: FitOutcome = {
  ari: 0.9,
  nRegimes: 4,
  errors: { all: 3, near: 9, away: 1.2, nearShare: 0.1 },
  bandShare: 0.02,
  verdict: "worth it",
  wallSeconds: 30,
  cpuSeconds: 50,
  thresholds: [],
};

function row(
  set: string,
  seed: number,
  clean: Partial<FitOutcome>,
  peers: RegimeRow["peers"] = [],
) {
  const counts = { nRows: 100, nTrain: 100, nTest: 100, trueRegimes: 4 };
  const own = { clean: { ...FIT, ...clean }, corrupted: FIT, peers };
  return {
    set,
    seed,
    ...counts,
    ...own,
    accurate: { error: 4, withRegimes: 2, weight: 0.8, cpuSeconds: 60 },
  };
}

const answer = (name: string, ari: number | null, error = 1) => {
  return { name, ari, error, cpuSeconds: 1 };
};

test("figures are medians over seeds, and the best peer is the one of the best median", () => {
  const rows = [
    row("intervals", 1, { ari: 1 }, [
      answer("a", 1),
      answer("b", 0.5),
      answer("catboost", null, 2),
    ]),
    row("intervals", 2, { ari: 0.96 }, [answer("a", 0.2), answer("b", 0.5)]),
    row("intervals", 3, { ari: 0.1 }, [answer("a", 0.3), { name: "b", failed: "why" }]),
    ...["curve", "five", "hysteresis"].map((set) =>
      row(set, 1, { ari: 0.8, cpuSeconds: 70 }, [answer("a", set === "five" ? 0.9 : 0.7)]),
    ),
    row("five-20000x6", 1, { cpuSeconds: 61, errors: { ...FIT.errors, all: 2.9 } }),
    row("pw-linear", 1, { nRegimes: 2 }),
    row("pw-linear", 2, { nRegimes: 1 }),
    row("crest", 1, { verdict: "not worth it" }),
    row("overlap", 1, { verdict: "not worth it" }),
    row("overlap", 2, { verdict: "worth it" }),
    row("two-planes", 1, { thresholds: [0.8, 0.02] }),
    row("two-planes", 2, { thresholds: [-0.06] }),
  ];
  const found = figuresByName(rows);
  expect(found.get("regimes.ari.intervals")).toMatchObject({ value: 0.96, ok: false });
  expect(found.get("regimes.ari.curve")).toMatchObject({ value: 0.8, must: ">= 0.98", ok: false });
  expect(found.get("regimes.crest.worth-it")).toMatchObject({ value: 0, ok: true });
  expect(found.get("regimes.overlap.worth-it")).toMatchObject({ value: 0.5, ok: false });
  expect(found.get("regimes.five.worth-it")).toMatchObject({ value: 1, must: ">= 1", ok: true });
  const best = found.get("regimes.best-peer.intervals")!;
  expect(best).toMatchObject({ value: 0.5, must: "< 0.96", ok: true });
  expect(best.how).toMatch(/^of b, .*\(2 of 3\)/);
  expect(found.get("regimes.best-peer.beaten")).toMatchObject({ value: 3, ok: true });
  expect(found.get("regimes.mse-vs-noise.intervals")).toMatchObject({ value: 1.2, ok: true });
  expect(found.get("regimes.fit-seconds")).toMatchObject({ value: 70, ok: false });
  const check = (name: string, value: number | null, ok: boolean | null): void => {
    expect(found.get(`regimes.${name}`), name).toMatchObject({ value, ok });
  };
  check("error.intervals", 3, false);
  check("error-vs-best-peer.intervals", 3, false);
  check("error-vs-catboost.intervals", 1.5, false);
  check("error-vs-hist-gradient-boosting.intervals", null, null);
  check("error-vs-accurate.intervals", 0.75, true);
  check("accurate-with-vs-without.gm", 0.5, true);
  check("corrupted.ari.five", 0.9, true);
  check("corrupted.error.five", 1, true);
  check("count.pw-linear", 0.5, true);
  check("error.pw-linear", 3, false);
  check("fit-seconds.five-20000x6", 61, false);
  check("error.five-20000x6", 2.9, true);
  check("fit-seconds.five-200000x10", null, null);
  check("gate-us", 3.5, false);
  expect(found.get("regimes.two-planes.threshold-error")).toMatchObject({ value: 0.03, ok: true });
});

test("what was not run has no value, and a rule that does not name the feature is wrong", () => {
  const found = figuresByName([row("two-planes", 1, { thresholds: [] })]);
  expect(found.get("regimes.two-planes.threshold-error")).toMatchObject({ ok: false });
  found.delete("regimes.two-planes.threshold-error");
  found.delete("regimes.gate-us");
  for (const { value, ok, how } of found.values()) {
    expect([value, ok]).toEqual([null, null]);
    expect(how).toMatch(/^was not measured: /);
  }
});

const GATES = [
  { kind: "tree", microseconds: 0.1 },
  { kind: "rbf", microseconds: 3.5 },
] as const;

function figuresByName(rows: readonly RegimeRow[]): Map<string, Figure> {
  return new Map(
    regimeFigures(rows, summariseSets(rows), GATES).map((figure) => [figure.name, figure]),
  );
}

/** In JavaScript, for all its name: Node takes an ending that it does not know for its own. */
const FAKE_PEER = `
const name = process.argv[2];
const say = (document) => console.log(JSON.stringify(document));
let nAsked = 0;
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { testX, seed } = JSON.parse(line);
  nAsked += 1;
  if (name === "smt-moe" && nAsked === 1) return say({ unavailable: "no smt" });
  if (nAsked === 1) return say({ versions: { [name]: "1" } });
  const zeros = testX.map(() => 0);
  if (name === "k-means") return say({ labels: zeros, predictions: zeros, cpuMs: 1 });
  if (name === "gaussian-mixture") return; // Hangs.
  if (name === "parc") return console.log("0.5 0.7");
  if (name === "linear-tree" && seed === 1) return say({ failed: "not converged" });
  say({ labels: [0], predictions: [0], cpuMs: 1 });
});
`;

/** As no fake peer answers. */
const KEPT = { name: "k-means", ari: 0.123, error: 7, cpuSeconds: 9 };
const OTHER = { ...KEPT, ari: 0.1 };

const TINY: RegimesOptions = {
  sets: ["intervals", "crest"],
  seeds: [1, 2],
  nRows: 60,
  fit: {
    ...PRESETS.regimes,
    candidates: [2],
    restarts: 1,
    gate: "tree",
    tuning: { steps: [20], extendTo: 20, learningRates: [1e-2], weightDecays: [0.05] },
  },
  command: "c",
  peers: { python: process.execPath, folder, limitMs: 20_000 },
  accurate: null,
  gates: false,
  answered: [],
  onAnswered: async () => {},
  finished: [],
  onFinished: async () => {},
};

test("peers that hang, end or answer nonsense are out; one that cannot solve a case is not", async () => {
  writeFileSync(join(folder, "regimes-peers.py"), FAKE_PEER);
  const executor = createInlineExecutor(await createWasmEngine());
  const told: RegimeRow[] = [];
  const answers: KeptAnswer[] = [];
  const stages: string[] = [];
  const document = await benchRegimes(
    {
      ...TINY,
      answered: [
        { set: "intervals", seed: 2, nRows: 60, versions: { "k-means": "2" }, outcome: OTHER },
        {
          set: "intervals",
          seed: 2,
          nRows: 60,
          versions: { "k-means": "1", R: "4" },
          outcome: KEPT,
        },
      ],
      onAnswered: async (one) => void answers.push(one),
      onFinished: async (one) => void told.push(one),
    },
    executor,
    (stage) => stages.push(stage),
  );
  await executor.close();
  const { rows, absent, summaries } = document.measurements;
  expect(rows.map(({ set, seed }) => `${set} ${seed}`)).toEqual([
    "intervals 1",
    "intervals 2",
    "crest 1",
    "crest 2",
  ]);
  expect(told).toEqual(rows);
  const peersOf = (place: number) =>
    new Map(rows[place]!.peers.map((peer) => [peer.name, "failed" in peer ? peer.failed : peer]));
  expect(peersOf(0).get("k-means")).toMatchObject({ ari: 0, cpuSeconds: 0.001 });
  expect(peersOf(0).get("gaussian-mixture")).toMatch(/must answer, it did not in 20 s$/);
  expect(peersOf(0).get("parc")).toMatch(/it said "0.5 0.7", which is not JSON$/);
  expect(peersOf(0).get("linear-tree")).toBe("not converged");
  expect([...peersOf(1).keys()]).toEqual(["k-means", "linear-tree"]);
  // An answer to the same data by the same version is not asked for again, one by another is.
  expect(peersOf(1).get("k-means")).toEqual(KEPT);
  // Peers run side by side: the first to answer is written down first.
  expect(answers.map(({ seed, outcome }) => [seed, outcome.name]).sort()).toEqual([
    [1, "k-means"],
    [1, "linear-tree"],
  ]);
  expect(peersOf(1).get("linear-tree")).toMatch(/it must say 60 labels and predictions$/);
  // Crest has one regime: nothing for a peer to find.
  expect(peersOf(2).size).toBe(0);
  const reasons = new Map(absent.map((peer) => [peer.name, peer.absent]));
  expect([...reasons.keys()].sort()).toEqual([
    "catboost",
    "flexmix",
    "gaussian-mixture",
    "hist-gradient-boosting",
    "linear-tree",
    "parc",
    "smt-moe",
  ]);
  expect(reasons.get("smt-moe")).toBe("no smt");
  expect(reasons.get("flexmix")).toMatch(/is not there$/);
  expect(document.versions).toMatchObject({ "k-means": "1" });
  expect(summaries.map(({ set }) => set)).toEqual(["intervals", "crest"]);
  expect(stages.at(-1)).toMatch(/^crest, seed 2: .*, about 1 min left$/);
  expect(JSON.parse(JSON.stringify(document)).figures).toHaveLength(document.figures.length);
}, 580_000);

test("rows of an earlier run are not run again", async () => {
  const executor = createInlineExecutor(await createWasmEngine());
  const known = row("intervals", 1, { ari: 0.123 });
  const options = {
    ...TINY,
    sets: ["intervals"],
    seeds: [1],
    nRows: 100,
    finished: [known],
    peers: { python: process.execPath, folder: "/no/such/folder" },
    onFinished: () => Promise.reject(new Error("must not be called")),
  };
  const { measurements } = await benchRegimes(options, executor, silent);
  await executor.close();
  expect(measurements.rows).toEqual([known]);
  expect(measurements.absent).toHaveLength(8);
});

test("every real peer that is here finds four intervals", async () => {
  const python = process.env["BAILIWICK_PYTHON"] ?? "python3";
  const peers = await startRegimePeers({ folder: PEERS_FOLDER, python });
  expect(peers.map(({ name }) => name)).toHaveLength(8);
  const own = await createCase("intervals", { seed: 1, nRows: 200 });
  const present = peers.filter((peer): peer is RegimePeer => "process" in peer);
  try {
    for (const outcome of await Promise.all(present.map((peer) => askPeer(peer, own)))) {
      expect(outcome).toMatchObject({ error: expect.any(Number) });
      if ("ari" in outcome && outcome.ari === null) continue;
      // The softmax of flexmix bends its boundaries too far for a high bound.
      if ("ari" in outcome) expect(outcome.ari).toBeGreaterThan(0.3);
    }
  } finally {
    for (const { process: running } of present) running.close();
  }
}, 120_000);
