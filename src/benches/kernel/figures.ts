/** The kernel's figures, computed from the measurements, and the bound of each. */
import { median } from "../../shared/statistics.ts";
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import type { AbsentPeer } from "../peer-process.ts";
import { BATCH_SIZES, type EpochTiming, OURS, STACK_SIZE } from "./epochs.ts";
import { speedup, type Timing } from "./rounds.ts";
import type { ScalingPoint } from "./scaling.ts";
import type { ThreadTiming } from "./threads.ts";

export interface KernelMeasurements {
  readonly workload: { readonly nRows: number; readonly sizes: readonly number[] };
  /** Floating-point operations of the matrix products of one net's epoch. */
  readonly epochFlops: number;
  readonly epochs: readonly EpochTiming[];
  /** A whole fit by each engine. */
  readonly fits: readonly Timing[];
  /** CPU microseconds to predict one row, one a round. */
  readonly rowUs: readonly number[];
  readonly threads: ThreadTiming;
  readonly scaling: readonly ScalingPoint[];
  readonly absent: readonly AbsentPeer[];
}

/** Least speedups; by batch size where that matters. */
const TFJS = { 32: 60, 128: 30, 512: 20 } as const;
const TORCH = { 32: 20, 128: 9, 512: 3 } as const;
const [TFJS_STACKED, PLAIN, FIT] = [15, 6, 3];
/** Of TensorFlow's native library, one net or eight stacked: at least as fast as it. */
const TFJS_NODE = 1;
const MOST_ROW_US = 2;
/** Engine's memory ÷ data and parameters, at the largest size, where its fixed part is small. */
const MOST_MEMORY = 1.3;

export function kernelFigures(measured: KernelMeasurements): readonly Figure[] {
  const versus = (peer: string, race: Race, least: number): Figure =>
    speedupFigure(measured, peer, race, { atLeast: least });
  const one = { nNets: 1 };
  return [
    ...BATCH_SIZES.map((b) => versus("tfjs", { ...one, batchSize: b }, TFJS[b])),
    versus("tfjs wasm", { batchSize: 32, nNets: STACK_SIZE }, TFJS_STACKED),
    versus("tfjs-node", { ...one, batchSize: 32 }, TFJS_NODE),
    versus("tfjs-node", { batchSize: 32, nNets: STACK_SIZE }, TFJS_NODE),
    ...BATCH_SIZES.map((b) => versus("torch", { ...one, batchSize: b }, TORCH[b])),
    versus("plain", { ...one, batchSize: 32 }, PLAIN),
    rowFigure(measured.rowUs),
    fitFigure(measured.fits),
    memoryFigure(measured.scaling),
  ];
}

type Race = Pick<EpochTiming, "batchSize" | "nNets">;

/** Against the fastest of the peer's backends and styles. */
function speedupFigure(
  { epochs, absent, workload }: KernelMeasurements,
  peer: string,
  { batchSize, nNets }: Race,
  bound: Bound,
): Figure {
  const stacked = nNets > 1;
  const name = `kernel.vs-${peer.split(" ")[0]}${stacked ? "-stacked" : ""}.b${batchSize}`;
  const field = epochs.filter((e) => e.batchSize === batchSize && e.nNets === nNets);
  const ours = field.find((e) => e.name === OURS);
  const [rival] = field
    .filter((e) => e.name.startsWith(`${peer} `))
    .sort((a, b) => a.cpuMs - b.cpuMs);
  if (ours === undefined || rival === undefined) {
    const why = absent.find((a) => a.name.startsWith(peer))?.absent ?? "it did not run";
    return judgeFigure({ name, value: null, unit: "×", how: `not measured: ${why}` }, bound);
  }
  const nets = stacked ? `${nNets} nets` : "one net";
  const how =
    `CPU time of an epoch of ${nets} ${workload.sizes.join("-")} over ${workload.nRows} rows, ` +
    `${rival.name} (${rival.cpuMs.toFixed(1)} ms) ÷ ours (${ours.cpuMs.toFixed(1)} ms), ` +
    `median of ${ours.rounds.length} rounds in alternation`;
  return judgeFigure({ name, value: speedup(rival, ours), unit: "×", how }, bound);
}

function rowFigure(rowUs: readonly number[]): Figure {
  const how = `CPU time to predict one row from JavaScript, median of ${rowUs.length} rounds`;
  const value = median(rowUs);
  return judgeFigure({ name: "kernel.row-us", value, unit: "µs", how }, { atMost: MOST_ROW_US });
}

function fitFigure(fits: readonly Timing[]): Figure {
  const [ours, reference] = [
    fits.find(({ name }) => name === "wasm")!,
    fits.find(({ name }) => name === "reference")!,
  ];
  const how =
    "CPU time to fit the quickstart's first split with a shorter tuning, engine reference " +
    `(${Math.round(reference.cpuMs)} ms) ÷ wasm (${Math.round(ours.cpuMs)} ms), ` +
    `median of ${ours.rounds.length} rounds in alternation`;
  const value = speedup(reference, ours);
  return judgeFigure({ name: "kernel.fit-vs-reference", value, unit: "×", how }, { atLeast: FIT });
}

function memoryFigure(scaling: readonly ScalingPoint[]): Figure {
  const [largest] = [...scaling].sort((a, b) => b.engineMb - a.engineMb);
  const { nRows, nFeatures, nExperts, engineMb, memoryRatio } = largest!;
  const how =
    `the engine's memory (${engineMb} MB) ÷ data and parameters, training ${nExperts} expert(s) ` +
    `on ${nRows} rows of ${nFeatures} features; the caller's own data not counted`;
  const facts = { name: "kernel.memory", value: memoryRatio, unit: "×", how };
  return judgeFigure(facts, { atMost: MOST_MEMORY });
}
