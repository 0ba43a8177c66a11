/** What a node announces of itself: measured where it can be, never taken from a data sheet. */
import { z } from "zod";
import { type Engine, initNet } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { createRng } from "../../shared/rng.ts";
import { packageVersion } from "../../shared/version.ts";
import { readMessage } from "../fabric/index.ts";
import { epochSchema, type SealOffer } from "../seal/index.ts";

/** Nodes and routers of different protocols do not understand each other. */
export const PROTOCOL = 1;

const MAX_HELD = 100_000;
const MAX_NOTE_CHARS = 2000;
const MAX_PLACE_CHARS = 200;
const number = z.number().nonnegative();
const token = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be a name");

const announcementSchema: z.ZodType<Announcement> = z.object({
  protocol: z.int(),
  packageVersion: z.string().max(64),
  /** Another each time the node starts. */
  incarnation: z.string().max(64),
  zone: token,
  name: token,
  /** Multiply-adds per second of an expert's prediction, measured. */
  flopsPerSecond: number.positive(),
  memoryBytes: number.positive(),
  usedBytes: number,
  hasGpu: z.boolean(),
  watts: number,
  /** Where the device stands, in its owner's words; empty if they said nothing. */
  place: z.string().max(MAX_PLACE_CHARS).default(""),
  /** First digits of the hashes of the experts that it holds. */
  held: z.array(z.string().max(64)).max(MAX_HELD).readonly(),
  /** Rows answered since the node started. */
  rows: number,
  /** Share of its recent time that it spent answering. */
  busy: number,
  /** Whether it trains. */
  trains: z.boolean(),
  /** Whether it is about to end, and waits for others to take its experts. */
  leaving: z.boolean().default(false),
  /** The latest term of a placer that it has obeyed; 0 before any. */
  term: z.int().nonnegative().default(0),
  /** Messages that it refused because they do not fit. */
  refused: z.int().nonnegative().default(0),
  /** How rows are sealed for it; null if it has no key. */
  seal: z
    .object({ note: z.string().max(MAX_NOTE_CHARS), epoch: epochSchema })
    .nullable()
    .default(null),
});

/** What a node puts into the bucket of nodes twice a second. */
export interface Announcement {
  readonly protocol: number;
  readonly packageVersion: string;
  readonly incarnation: string;
  readonly zone: string;
  readonly name: string;
  readonly flopsPerSecond: number;
  readonly memoryBytes: number;
  readonly usedBytes: number;
  readonly hasGpu: boolean;
  readonly watts: number;
  readonly place: string;
  readonly held: readonly string[];
  readonly rows: number;
  readonly busy: number;
  readonly trains: boolean;
  readonly leaving: boolean;
  readonly term: number;
  readonly refused: number;
  readonly seal: SealOffer | null;
}

/** @throws MESSAGE_INVALID unless it is an announcement. */
export function parseAnnouncement(value: Uint8Array): Announcement {
  return readMessage("an announcement", announcementSchema, value);
}

const ROWS = 256;
const LAYERS = [8, 32, 32, 1];
/** The compiler improves the kernel's machine code while it runs. */
const WARM_UP_MS = 100;
const MEASURE_MS = 100;

/** Multiply-adds per second of an expert of the usual size on batches of 256 rows. */
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
  const ours = `${PROTOCOL} (package ${packageVersion()})`;
  const message = `both sides must speak protocol ${ours}, got ${other}`;
  throw new BailiwickError("NODE_VERSION", message, { protocol: String(other) });
}
