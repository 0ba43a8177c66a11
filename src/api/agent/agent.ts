/**
 * Predictions on a device: by the experts that are here, and by the server's for the others.
 *
 * The gate and preprocessing are here, so a row is routed here. Experts that are not here answer
 * in one request; those that pay for their bytes are fetched behind. Answers come by expert and are
 * added up in the model's order, so that the bits are the server's in all cases.
 */
import { applyPreprocessing, checkGivenColumns, tableFromRecords } from "../../data/index.ts";
import { createNetPredictor, type NetPredictor, predictExpert } from "../../experts/index.ts";
import { type AskExpert, predictElsewhere } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import { createAsks } from "./asks.ts";
import { type Blobs, createBlobs, isUnreachable } from "./blobs.ts";
import { createExperts, type HeldExperts } from "./experts.ts";
import { type HeldModel, openModel } from "./model.ts";
import { DEFAULT_PRICES, type Prices } from "./residency.ts";
import { createModelServer, type ModelServer, type Row } from "./server.ts";
import { type AgentStorage, defaultStorage } from "./storage.ts";

export interface AgentOptions {
  /** The model's address: "https://HOST/v2/models/NAME". */
  readonly from: string;
  /** A bearer token, where the server asks for one. */
  readonly token?: string;
  /** Most bytes of experts in memory. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** Prices in one unit; see residency. Default: waiting alone counts. */
  readonly prices?: Partial<Prices>;
  /** Default: the page's cache, else memory. */
  readonly storage?: AgentStorage;
  /** How old a manifest may become before the server is asked for it again. Default 60,000. */
  readonly refreshMs?: number;
}

export interface PredictRowsOptions {
  /** "local" for rows that must not leave the device. */
  readonly class?: "local";
  /** Experts that have not answered by then are left out, and the answer is degraded. */
  readonly deadlineMs?: number;
}

export interface AgentPrediction {
  /** One a row, in the target's units. */
  readonly predictions: Float64Array;
  /** Of the model. */
  readonly version: string;
  /** Whether experts were left out, because the server could not be asked in time. */
  readonly degraded: boolean;
  /** Rows that left the device, each counted once. */
  readonly rowsSent: number;
}

export interface AgentFacts {
  readonly version: string;
  /** False where the gate may not be downloaded: the server then answers whole rows. */
  readonly routesHere: boolean;
  readonly nExperts: number;
  readonly nResident: number;
  readonly residentBytes: number;
  readonly fetchedBytes: number;
  /** Writes that the storage refused, a quota that is used up for example. */
  readonly refusedWrites: number;
  /** Of the last fetch behind; null if it succeeded. */
  readonly lastFailure: string | null;
}

export interface Agent {
  /**
   * @throws ZONE_CLOSED for local rows that this device cannot answer; EXPERT_UNAVAILABLE or
   *   SERVER_UNAVAILABLE if a row cannot be answered; REQUEST_REFUSED; as preprocessing does.
   */
  predict(rows: readonly Row[], options?: PredictRowsOptions): Promise<AgentPrediction>;
  /** Asks for the manifest now; goes on with another version if there is one. */
  refresh(): Promise<void>;
  /** Resolves when no expert is being fetched behind. */
  settled(): Promise<void>;
  facts(): AgentFacts;
}

const MEMORY_BYTES = 64 * 1_048_576;
const REFRESH_MS = 60_000;
const NO_DEADLINE_MS = 30_000;
/** Until the first answer has been timed. */
const FIRST_ASK_MS = 200;

interface Parts {
  readonly engine: NetPredictor;
  readonly server: ModelServer;
  readonly blobs: Blobs;
  readonly experts: HeldExperts;
}

/**
 * An agent of one model. It starts with the version that the server has, or offline with the one
 * that the storage keeps.
 *
 * @throws INVALID_OPTION; ENGINE_UNAVAILABLE without WebAssembly with SIMD; SERVER_UNAVAILABLE or
 *   REQUEST_REFUSED where nothing is kept and the server does not answer.
 * @example
 * ```ts
 * import { createAgent } from "bailiwick/agent";
 *
 * const agent = await createAgent({ from: "http://localhost:8080/v2/models/concrete" });
 * const { predictions } = await agent.predict([{ cement: 540, water: 162 }]); // and all others
 * console.log(predictions[0]);
 * ```
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const { from, memoryBytes = MEMORY_BYTES, refreshMs = REFRESH_MS } = options;
  const server = createModelServer(options);
  const blobs = createBlobs(server, options.storage ?? (await defaultStorage(from)));
  const engine = await createNetPredictor();
  let model = await openFirst(server, blobs);
  let checkedAt = nowMs();
  const prices = { ...DEFAULT_PRICES, ...options.prices };
  const experts = createExperts(model, { blobs, memoryBytes, prices });
  const parts = { engine, server, blobs, experts };
  let askMs = FIRST_ASK_MS;
  const stream = (): void => {
    experts.stream({ askMs, rowBytes: 4 * (model.nInputs + 1) });
  };
  const refresh = async (): Promise<void> => {
    checkedAt = nowMs();
    const fetched = await server.manifest(model.etag);
    if (fetched === null) return;
    const next = await openModel(fetched, blobs.blob);
    await blobs.keepManifest(fetched);
    model = next;
    experts.switchTo(next);
    await blobs.keepOnly(next.blobs);
    stream();
  };
  stream();
  return {
    refresh,
    settled: experts.settled,
    predict: async (rows, asked = {}) => {
      if (nowMs() - checkedAt > refreshMs) void refresh().catch(leave);
      const before = nowMs();
      const answer = await predictOnce(parts, model, rows, asked).catch(async (error: unknown) => {
        // The server has replaced the version that this agent routed by.
        if (!isGone(error)) throw error;
        await refresh();
        return predictOnce(parts, model, rows, asked);
      });
      if (answer.rowsSent > 0) askMs = 0.8 * askMs + 0.2 * (nowMs() - before);
      stream();
      return answer;
    },
    facts: () => ({
      version: model.version,
      routesHere: model.outline !== null,
      nExperts: model.experts.size,
      nResident: experts.nExperts,
      residentBytes: experts.bytes,
      ...blobs.counts,
      lastFailure: experts.lastFailure,
    }),
  };
}

/** Without a server the version that is here goes on; the next check asks again. */
function leave(error: unknown): void {
  if (!(error instanceof BailiwickError)) throw error;
}

async function openFirst(server: ModelServer, blobs: Blobs): Promise<HeldModel> {
  try {
    const fetched = (await server.manifest(null))!;
    const model = await openModel(fetched, blobs.blob);
    await blobs.keepManifest(fetched);
    return model;
  } catch (error) {
    const kept = isUnreachable(error) ? await blobs.keptManifest() : null;
    if (kept === null) throw error;
    return openModel(kept, blobs.blob);
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof BailiwickError &&
    error.code === "REQUEST_REFUSED" &&
    error.details["status"] === 404
  );
}

async function predictOnce(
  { engine, server, experts }: Parts,
  model: HeldModel,
  rows: readonly Row[],
  { class: rowClass, deadlineMs }: PredictRowsOptions,
): Promise<AgentPrediction> {
  const { outline } = model;
  const signal = AbortSignal.timeout(deadlineMs ?? NO_DEADLINE_MS);
  const isLocal = rowClass === "local";
  if (outline === null) {
    if (isLocal) {
      const message = "rows of class local need the model's gate, which may not leave the server";
      throw new BailiwickError("ZONE_CLOSED", message);
    }
    const { version, predictions } = await server.predictions(rows, signal);
    const values = Float64Array.from(predictions);
    return { predictions: values, version, degraded: false, rowsSent: rows.length };
  }
  const { preprocessing } = outline;
  checkGivenColumns(rows, preprocessing);
  const X = applyPreprocessing(preprocessing, tableFromRecords(rows, preprocessing));
  let rowsSent = 0;
  const askServer = createAsks(async (sentX, asked) => {
    rowsSent += sentX.nRows;
    try {
      return await server.answers(model.version, sentX, asked, signal);
    } catch (error) {
      throw deadlineMs !== undefined && isUnreachable(error) ? leftOut(error) : error;
    }
  });
  const used = new Map<string, number>();
  const ask: AskExpert = async (m, k, of) => {
    const { blob } = outline.members[m]!.mixture.experts[k]!;
    used.set(blob, (used.get(blob) ?? 0) + of.rows.length);
    const expert = experts.get(blob) ?? (isLocal ? await experts.need(blob) : undefined);
    return expert === undefined ? askServer(blob, of) : predictExpert(engine, expert, rowsIn(of));
  };
  const { values, degraded } = await predictElsewhere(engine, outline, X, ask);
  experts.note(used);
  return { predictions: values, version: model.version, degraded, rowsSent };
}

function rowsIn({ X, rows }: Parameters<AskExpert>[2]): Matrix {
  return rows.length === X.nRows ? X : takeRows(X, rows);
}

/** An expert that is left out is masked, as one that no node can answer for. */
function leftOut(cause: BailiwickError): BailiwickError {
  return new BailiwickError("EXPERT_UNAVAILABLE", cause.message, cause.details, cause);
}
