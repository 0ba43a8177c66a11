/**
 * Predictions in this process: of one row at a time, and of as many rows as a request brings beside
 * onnxruntime, which runs the exported model. CPU time of one prediction, in alternation.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../experts/index.ts";
import { createRowPredictor, predict, type Recombination } from "../../mixture/index.ts";
import { encodeOnnx } from "../../onnx/index.ts";
import { type Progress, silent } from "../../shared/progress.ts";
import { alternate, type Contender, type Timing } from "../kernel/rounds.ts";
import { cpuMsOf } from "../kernel/workload.ts";
import { type AbsentPeer, type PeerProcess, peerFailed } from "../peer-process.ts";
import { startPeer } from "./peers.ts";
import { CELLS, drawModel, N_FEATURES, N_ROWS, tableOf } from "./workload.ts";

export interface RowsOptions {
  readonly peersFolder: string;
  readonly nRounds: number;
  /** Predictions of one row in one round. */
  readonly rowCalls: number;
  /** Predictions of a batch in one round. */
  readonly batchCalls: number;
}

/** CPU milliseconds of one prediction, by each way of recombining. */
export type Timings = Readonly<Record<Recombination, Timing>>;

export interface RowTimings {
  readonly row: Timings;
  readonly batch: Timings;
  /** Of the same batch by the exported model. */
  readonly onnx: (Timings & { readonly runtime: string }) | AbsentPeer;
  readonly versions: Readonly<Record<string, string>>;
}

const WAYS = ["hard", "smooth"] as const;
const SEED = 1;

/** @throws WORKER_FAILED if the exported model does not answer as we do. */
export async function timeRows(
  engine: Engine,
  options: RowsOptions,
  progress: Progress = silent,
): Promise<RowTimings> {
  const { nRounds, peersFolder, rowCalls, batchCalls } = options;
  const peers = await Promise.all(WAYS.map((how) => startOnnx(engine, how, peersFolder)));
  try {
    const contenders = WAYS.flatMap((how, w) => [
      rowContender(engine, how, rowCalls),
      batchContender(engine, how, batchCalls),
      ...("absent" in peers[w]! ? [] : [onnxContender(peers[w]!, how, batchCalls)]),
    ]);
    const timings = await alternate(contenders, nRounds, progress);
    const of = (what: string): Timings => {
      const [hard, smooth] = WAYS.map((how) =>
        timings.find(({ name }) => name === `${what} ${how}`),
      );
      return { hard: hard!, smooth: smooth! };
    };
    const [peer] = peers;
    const absent = "absent" in peer!;
    return {
      row: of("row"),
      batch: of("batch"),
      onnx: absent ? peer : { ...of("onnx"), runtime: peer!.runtime },
      versions: absent ? {} : peer!.versions,
    };
  } finally {
    for (const peer of peers) if (!("absent" in peer)) peer.process.close();
  }
}

function rowContender(engine: Engine, how: Recombination, calls: number): Contender {
  const predictRow = createRowPredictor(engine, drawModel(how, SEED));
  const rows = Array.from({ length: N_ROWS }, (_, i) =>
    CELLS.slice(i * N_FEATURES, (i + 1) * N_FEATURES),
  );
  return contender(`row ${how}`, calls, (call) => predictRow(rows[call % N_ROWS]!));
}

function batchContender(engine: Engine, how: Recombination, calls: number): Contender {
  const model = drawModel(how, SEED);
  const table = tableOf(CELLS);
  return contender(`batch ${how}`, calls, () => predict(engine, model, table));
}

function contender(name: string, calls: number, predictOnce: (call: number) => unknown): Contender {
  const work = async (): Promise<void> => {
    for (let call = 0; call < calls; call++) predictOnce(call);
  };
  return { name, turn: async () => ({ cpuMs: (await cpuMsOf(work)) / calls }) };
}

interface OnnxPeer {
  readonly process: PeerProcess;
  readonly runtime: string;
  readonly versions: Readonly<Record<string, string>>;
}

function onnxContender({ process }: OnnxPeer, how: Recombination, calls: number): Contender {
  return {
    name: `onnx ${how}`,
    turn: async () => (await process.ask({ calls })) as { readonly cpuMs: number },
  };
}

/** Its answers may differ from ours by this much of the target's scale. */
const TOLERANCE = 1e-5;

type OnnxGreeting =
  | (Omit<OnnxPeer, "process"> & { readonly prediction: readonly number[] })
  | { readonly unavailable: string };

async function startOnnx(
  engine: Engine,
  how: Recombination,
  folder: string,
): Promise<OnnxPeer | AbsentPeer> {
  const model = drawModel(how, SEED);
  const table = tableOf(CELLS);
  const file = encodeOnnx(model, { digest: "0".repeat(64), packageVersion: "0.0.0" });
  const inputs = table.columns.map(({ name, values }) => [name, base64(values as Float64Array)]);
  if (!existsSync(join(folder, "onnx.mjs"))) {
    return { name: "onnxruntime", absent: "the script onnx.mjs is not there" };
  }
  const process = startPeer("onnx", folder);
  const greeting = (await process.ask({ model: base64(file), inputs })) as OnnxGreeting;
  if ("unavailable" in greeting) {
    process.close();
    return { name: "onnxruntime", absent: greeting.unavailable };
  }
  const { values } = predict(engine, model, table);
  const { scale } = model.preprocessing.target;
  const { prediction, runtime, versions } = greeting;
  const agrees = prediction.every((value, i) => Math.abs(value - values[i]!) <= TOLERANCE * scale);
  if (agrees) return { process, runtime, versions };
  process.close();
  throw peerFailed(runtime, "its answers to the exported model are not ours");
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array | Float64Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}
