/** What the simulation says that answers take, against what they took on a node. */
import { writeLooseExpert } from "../../bundle/index.ts";
import { type Fabric, subjectOfKey, zoneOfKey } from "../../cluster/fabric/index.ts";
import { EXPERT, writeAsk } from "../../cluster/nodes/index.ts";
import { createFleet } from "../../cluster/orchestration/index.ts";
import { DEFAULT_BATCH_ROWS, type Device, type Load } from "../../cluster/placement/index.ts";
import { sizesOf, watchDirectory } from "../../cluster/router/index.ts";
import { answerStep } from "../../cluster/simulation/index.ts";
import { type Expert, initNet } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { createRng, type Rng } from "../../shared/rng.ts";
import { type ClusterBench, connectSoon, delay, startNodeProcess, until } from "./cluster.ts";

export interface CalibrationRow {
  /** Widths of the expert's hidden layers. */
  readonly hidden: number;
  readonly batchRows: number;
  /** Share of the time that the node was busy; 0 for requests one after the other. */
  readonly load: number;
  readonly predictedMs: number;
  readonly measuredMs: number;
  /** |predicted − measured| ÷ measured. */
  readonly error: number;
}

const N_INPUTS = 10;
const CASES = [
  { hidden: 32, batchRows: DEFAULT_BATCH_ROWS, load: 0 },
  { hidden: 32, batchRows: 512, load: 0 },
  { hidden: 32, batchRows: 4096, load: 0 },
  { hidden: 64, batchRows: 512, load: 0 },
  { hidden: 64, batchRows: 4096, load: 0 },
  { hidden: 64, batchRows: 4096, load: 0.3 },
  { hidden: 64, batchRows: 4096, load: 0.5 },
] as const;
const SECONDS = 4;
const KEY = "default.calibrated";
const DEADLINE_MS = 10_000;

export async function calibrate({
  serve,
  server,
}: ClusterBench): Promise<readonly CalibrationRow[]> {
  const fabric = await connectSoon(server.url, "calibration");
  const node = await startNodeProcess(serve, server.url, { name: "calibrated" });
  const table = await watchDirectory(fabric);
  try {
    await until(() => table.nodes().has(KEY));
    await warmUp(fabric);
    const fleet = createFleet(fabric, table);
    await fleet.look(new Set());
    const device = fleet.devices().find(({ name }) => name === KEY)!;
    const rows: CalibrationRow[] = [];
    for (const one of CASES) rows.push(await measureCase(fabric, device, one));
    return rows;
  } finally {
    await table.close();
    await node.kill();
    await fabric.close();
  }
}

/** What is cold is slow, and no two times alike. */
async function warmUp(fabric: Fabric): Promise<void> {
  const message = { headers: {}, body: new Uint8Array(1000) };
  for (let i = 0; i < 2000; i++) {
    await fabric.request(subjectOfKey(KEY, "echo"), message, DEADLINE_MS);
  }
}

async function measureCase(
  fabric: Fabric,
  device: Device,
  { hidden, batchRows, load }: (typeof CASES)[number],
): Promise<CalibrationRow> {
  const rng = createRng(hidden);
  const sizes = [N_INPUTS, hidden, hidden, 1];
  const expert: Expert = { kind: "mlp", net: initNet({ sizes, activation: "tanh" }, rng) };
  const hash = await publish(fabric, expert);
  const placed = { id: "e", replicas: 1, zones: null, ...sizesOf(expert) };
  const seconds = (batchRows * placed.flopsPerRow) / device.flopsPerSecond;
  const rowsPerSecond = load === 0 ? 1e-6 : (load / seconds) * batchRows;
  const predictedMs = predict({ ...placed, rowsPerSecond }, device, batchRows);
  const values = Float32Array.from({ length: batchRows * N_INPUTS }, () => rng.normal());
  const X = { values, nRows: batchRows, nColumns: N_INPUTS };
  const asked = { expert: "m0.e0", version: hash, term: 1 };
  const ask = async (): Promise<number> => {
    const started = nowMs();
    await fabric.request(subjectOfKey(KEY, `${EXPERT}.${hash}`), writeAsk(asked, X), DEADLINE_MS);
    return nowMs() - started;
  };
  for (let i = 0; i < 20; i++) await ask();
  const times = load === 0 ? await oneByOne(ask) : await atRandom(ask, load / seconds, rng);
  const measuredMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  const error = Math.abs(predictedMs - measuredMs) / measuredMs;
  return { hidden, batchRows, load, predictedMs, measuredMs, error };
}

async function publish(fabric: Fabric, expert: Expert): Promise<string> {
  const { sizes, activation } = (expert as Extract<Expert, { kind: "mlp" }>).net;
  const residuals = { nSamples: 0, meanError: 0, meanSquaredError: 0, meanFourthPower: 0 };
  const facts = { id: "m0.e0", blob: "0".repeat(64), share: 1, residuals };
  const loose = writeLooseExpert({ kind: "mlp", sizes, activation, ...facts }, expert);
  await fabric.blobs.put(loose.hash, zoneOfKey(KEY), loose.blob);
  return loose.hash;
}

function predict(load: Load, device: Device, batchRows: number): number {
  const answers = answerStep({
    states: [{ device, isUp: true }],
    experts: [load],
    traffic: Float64Array.of(load.rowsPerSecond),
    plan: [[0]],
    backlog: new Float64Array(1),
    batchRows,
    deadlineMs: DEADLINE_MS,
    seconds: SECONDS,
  });
  let [sum, rows] = [0, 0];
  answers.forEach((ms, weight) => {
    sum += ms * weight;
    rows += weight;
  });
  return sum / rows;
}

async function oneByOne(ask: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = [];
  const started = nowMs();
  while (nowMs() - started < 1000 * SECONDS) times.push(await ask());
  return times;
}

/** Requests at random moments, whether those before are answered or not. */
async function atRandom(
  ask: () => Promise<number>,
  perSecond: number,
  rng: Rng,
): Promise<readonly number[]> {
  const open: Promise<number>[] = [];
  const started = nowMs();
  let nextMs = started;
  while (nextMs - started < 1000 * SECONDS) {
    nextMs -= (1000 * Math.log(1 - rng.uniform())) / perSecond;
    const wait = nextMs - nowMs();
    if (wait > 0) await delay(wait);
    open.push(ask());
  }
  return Promise.all(open);
}
