/**
 * Goal: what bench kernel says is what was measured, and its peers do the work that we do.
 * Method: figures from made-up timings, worked by hand; a small real run without peers; and every
 * peer that is here trained on the same rows from the same parameters, compared with our engine
 * after one epoch. Nothing asserts a time.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { benchKernel, type KernelPlan } from "../../../src/benches/kernel/bench.ts";
import { type KernelMeasurements, kernelFigures } from "../../../src/benches/kernel/figures.ts";
import { type Peer, startPeers } from "../../../src/benches/kernel/peers.ts";
import { alternate, speedup, type Timing } from "../../../src/benches/kernel/rounds.ts";
import {
  createWorkload,
  epochFlops,
  epochTask,
  mseAfterEpoch,
} from "../../../src/benches/kernel/workload.ts";
import { type AbsentPeer, PEERS_FOLDER } from "../../../src/benches/peer-process.ts";
import { createWasmEngine } from "../../../src/experts/index.ts";

const NAMES = [
  "kernel.vs-tfjs.b32",
  "kernel.vs-tfjs.b128",
  "kernel.vs-tfjs.b512",
  "kernel.vs-tfjs-stacked.b32",
  "kernel.vs-tfjs-node.b32",
  "kernel.vs-tfjs-node-stacked.b32",
  "kernel.vs-torch.b32",
  "kernel.vs-torch.b128",
  "kernel.vs-torch.b512",
  "kernel.vs-plain.b32",
  "kernel.row-us",
  "kernel.fit-vs-reference",
  "kernel.memory",
];

const SMALL: KernelPlan = {
  nRows: 200,
  nRounds: 1,
  ownEpochs: 1,
  rowCalls: 10,
  fit: { candidates: [1], steps: 20, learningRates: [4e-3], weightDecays: [0.05] },
  threadEpochs: 1,
  scaling: { rows: [64], features: [4], experts: [2] },
};

test("a run without peers measures the rest and says why", async () => {
  const document = await benchKernel({ command: "c", plan: SMALL, peersFolder: "/no/such/folder" });
  expect(document).toMatchObject({ bench: "kernel", command: "c" });
  expect(document.figures.map(({ name }) => name)).toEqual(NAMES);
  for (const figure of document.figures.slice(0, 10)) {
    expect(figure).toMatchObject({ value: null, ok: null });
    expect(figure.how).toMatch(/^not measured: the script .* is not there$/);
  }
  for (const figure of document.figures.slice(10)) expect(figure.value).toBeGreaterThan(0);
  expect(document.measurements.scaling).toHaveLength(3);
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});

test("contenders alternate, and the first round is not timed", async () => {
  const order: string[] = [];
  const contender = (name: string, times: number[]) => ({
    name,
    turn: async () => {
      order.push(name);
      return { cpuMs: times.shift()!, mse: times.length };
    },
  });
  const timings = await alternate([contender("a", [9, 1, 2, 4]), contender("b", [9, 3, 4, 4])], 3);
  expect(order.join("")).toBe("abababab");
  expect(timings).toEqual([
    { name: "a", cpuMs: 2, rounds: [1, 2, 4], mse: 3 },
    { name: "b", cpuMs: 4, rounds: [3, 4, 4], mse: 3 },
  ]);
  // Round by round 3, 2 and 1.
  expect(speedup(timings[1]!, timings[0]!)).toBe(2);
});

test("a figure is taken against the fastest of a peer's ways", () => {
  const timing = (name: string, cpuMs: number): Timing => ({
    name,
    cpuMs,
    rounds: [cpuMs],
    mse: null,
  });
  const epoch = (name: string, cpuMs: number, nNets = 1) => ({
    ...timing(name, cpuMs),
    batchSize: 32 as const,
    nNets,
    gflops: 1,
  });
  const point = (nRows: number, engineMb: number, memoryRatio: number) => ({
    ...{ nRows, nFeatures: 10, nExperts: 1, nsPerRow: 1, residentMb: 1 },
    ...{ engineMb, memoryRatio },
  });
  const measured: KernelMeasurements = {
    workload: { nRows: 10, sizes: [1, 1] },
    epochFlops: 1,
    epochs: [
      epoch("bailiwick wasm", 2),
      epoch("tfjs cpu single", 300),
      epoch("tfjs wasm single", 200),
      epoch("bailiwick wasm", 10, 8),
      epoch("tfjs wasm stacked", 100, 8),
      epoch("torch adam", 39),
    ],
    fits: [timing("wasm", 1), timing("reference", 3)],
    rowUs: [3, 1, 2],
    threads: { oneMs: [2], twoMs: [1], speedup: 2, cores: 2 },
    scaling: [point(1000, 4, 2), point(1_000_000, 48, 1.1)],
    absent: [{ name: "plain", absent: "no TypeScript" }],
  };
  const found = new Map(kernelFigures(measured).map((figure) => [figure.name, figure]));
  expect(found.get("kernel.vs-tfjs.b32")).toMatchObject({ value: 100, must: ">= 60", ok: true });
  expect(found.get("kernel.vs-tfjs-stacked.b32")).toMatchObject({ value: 10, ok: false });
  expect(found.get("kernel.vs-torch.b32")).toMatchObject({ value: 19.5, must: ">= 20", ok: false });
  expect(found.get("kernel.vs-plain.b32")).toMatchObject({
    value: null,
    ok: null,
    how: "not measured: no TypeScript",
  });
  expect(found.get("kernel.row-us")).toMatchObject({ value: 2, must: "<= 2", ok: true });
  expect(found.get("kernel.fit-vs-reference")).toMatchObject({ value: 3, ok: true });
  expect(found.get("kernel.memory")).toMatchObject({ value: 1.1, must: "<= 1.3", ok: true });
});

test("an epoch visits every row, and its operations are those of the products", () => {
  const workload = createWorkload(100, 10);
  expect(epochTask(workload, 32).options.steps).toBe(4);
  // Weights 320 + 1024 + 32: six operations each, less two for the first layer's 320.
  expect(epochFlops(workload)).toBe(100 * (6 * 1376 - 2 * 320));
});

const workload = createWorkload(2000, 10);
let peers: readonly (Peer | AbsentPeer)[] = [];

beforeAll(async () => {
  peers = await startPeers(PEERS_FOLDER, workload);
}, 120_000);
afterAll(() => {
  for (const peer of peers) if ("epoch" in peer) peer.close();
});

test.each(["plain", "tfjs cpu", "tfjs wasm", "tfjs-node", "torch"])(
  "the peer %s learns in one epoch what we learn",
  async (name) => {
    const peer = peers.find((p) => p.name === name)!;
    // PyTorch is the system's and tfjs-node is built by the system tests: one may be missing, and
    // then says so.
    if ("absent" in peer) {
      expect(["torch", "tfjs-node"]).toContain(name);
      expect(peer.absent).not.toBe("");
      return;
    }
    const engine = await createWasmEngine();
    const before = meanSquare(engine.predict(workload.net, workload.X), workload.y);
    const ours = await mseAfterEpoch(engine, workload, 32);
    expect(ours).toBeLessThan(0.7 * before);
    for (const style of peer.styles) {
      const { cpuMs, mse } = await peer.epoch(style, 32);
      expect(cpuMs).toBeGreaterThan(0);
      // The same rows in another order: as close as the order of rows lets it be.
      expect(Math.abs(mse / ours - 1)).toBeLessThan(0.15);
    }
    await engine.close();
  },
);

function meanSquare(outputs: Float32Array, y: Float32Array): number {
  return outputs.reduce((sum, f, i) => sum + (f - y[i]!) ** 2, 0) / y.length;
}
