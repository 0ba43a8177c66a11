/** What a node says of itself: measured where it can be, never taken from a data sheet. */
import { type Engine, initNet } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { createRng } from "../../shared/rng.ts";
import { packageVersion } from "../../shared/version.ts";

/** Nodes and routers that speak another protocol do not understand each other. */
export const PROTOCOL = 1;

/** What a node puts into the bucket of nodes, over and over. */
export interface Announcement {
  readonly protocol: number;
  readonly packageVersion: string;
  /** Another each time the node starts. */
  readonly incarnation: string;
  readonly zone: string;
  readonly name: string;
  /** Multiply-adds a second of an expert's prediction, measured. */
  readonly flopsPerSecond: number;
  readonly memoryBytes: number;
  readonly usedBytes: number;
  readonly hasGpu: boolean;
  readonly watts: number;
  /** First digits of the hashes of what it holds. */
  readonly held: readonly string[];
  /** Rows that it has answered since it started. */
  readonly rows: number;
  /** Share of its time that it was answering, of late. */
  readonly busy: number;
  /** Whether it trains. */
  readonly trains: boolean;
}

/** @returns null for what is no announcement. Numbers that cannot be are not believed. */
export function parseAnnouncement(value: Uint8Array): Announcement | null {
  try {
    const told = JSON.parse(new TextDecoder().decode(value)) as Announcement;
    const numbers = [told.flopsPerSecond, told.memoryBytes, told.usedBytes, told.rows, told.busy];
    const isSane = numbers.every((number) => Number.isFinite(number) && number >= 0);
    const isNamed = typeof told.zone === "string" && typeof told.name === "string";
    return isSane && isNamed && told.flopsPerSecond > 0 && told.memoryBytes > 0 ? told : null;
  } catch {
    return null;
  }
}

const ROWS = 256;
const LAYERS = [8, 32, 32, 1];
/** The kernel's machine code is made better while it runs. */
const WARM_UP_MS = 100;
const MEASURE_MS = 100;

/** Multiply-adds a second of an expert of the usual size on batches of 256 rows. */
export function measureFlops(engine: Engine): number {
  const net = initNet({ sizes: LAYERS, activation: "tanh" }, createRng(1));
  const values = Float32Array.from({ length: ROWS * LAYERS[0]! }, (_, i) => Math.sin(i));
  const X: Matrix = { values, nRows: ROWS, nColumns: LAYERS[0]! };
  const flopsPerRow = LAYERS.slice(1).reduce((sum, size, l) => sum + size * LAYERS[l]!, 0);
  const run = (ms: number): number => {
    const started = nowMs();
    let nRows = 0;
    while (nowMs() - started < ms) {
      engine.predict(net, X);
      nRows += ROWS;
    }
    return (1000 * nRows * flopsPerRow) / (nowMs() - started);
  };
  run(WARM_UP_MS);
  return run(MEASURE_MS);
}

/** @throws NODE_VERSION unless both sides speak the same protocol. */
export function checkProtocol(other: number): void {
  if (other === PROTOCOL) return;
  const message = `both sides must speak protocol ${PROTOCOL} (package ${packageVersion()}), got ${other}`;
  throw new BailiwickError("NODE_VERSION", message, { protocol: other });
}
