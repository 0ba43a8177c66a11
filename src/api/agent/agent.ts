/**
 * Predictions on a device: by the experts that are here, and by the server's for the others.
 *
 * The gate and preprocessing are here, so a row is routed here. Experts that are not here answer
 * in one request; those that pay for their bytes are fetched behind (prediction.ts, experts.ts).
 * One version is held at a time; another takes its place whole.
 */
import type { Prices } from "../../cluster/residency/index.ts";
import { createNetPredictor } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError, checkNumber } from "../../shared/errors.ts";
import { type Blobs, createBlobs } from "./blobs.ts";
import { createExperts } from "./experts.ts";
import type { Token } from "./http.ts";
import { type HeldModel, onlyOf, openModel } from "./model.ts";
import { openFolders } from "./open-folders.ts";
import { type AgentPrediction, type PredictRowsOptions, predictOnce } from "./prediction.ts";
import { createModelServer } from "./server.ts";
import type { ModelSource, Row } from "./source.ts";
import { type AgentStorage, defaultStorage, NO_STORAGE } from "./storage.ts";

export interface AgentOptions {
  /** The model's address: "https://HOST/v2/models/NAME"; in Node also a bundle's folder. */
  readonly from: string;
  /** A bearer token where the server asks for one, or a function that gives the one of now. */
  readonly token?: Token;
  /** Most bytes of experts in memory. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** Prices in one unit; see residency. Default: waiting alone counts. */
  readonly prices?: Partial<Prices>;
  /** In Node also a folder's name. Default: the page's cache, else memory. */
  readonly storage?: AgentStorage | string;
  /** Most bytes in the storage. Default 256 MiB. */
  readonly storageBytes?: number;
  /** How old a manifest may become before the server is asked for it again. Default 60,000. */
  readonly refreshMs?: number;
  /** How long a server may say nothing. Default 30,000. */
  readonly silentMs?: number;
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
  /** Of the last fetch behind, of an expert or a manifest; null if it succeeded. */
  readonly lastFailure: string | null;
}

export interface Agent {
  /**
   * @throws ZONE_CLOSED for local rows that this device cannot answer; EXPERT_UNAVAILABLE or
   *   SERVER_UNAVAILABLE if a row cannot be answered; REQUEST_REFUSED; as preprocessing does.
   */
  predict(rows: readonly Row[], options?: PredictRowsOptions): Promise<AgentPrediction>;
  /**
   * Asks for the manifest now; goes on with another version if there is one. Calls are carried out
   * one after the other.
   */
  refresh(): Promise<void>;
  /** Resolves when no expert is being fetched behind. */
  settled(): Promise<void>;
  facts(): AgentFacts;
}

const MEMORY_BYTES = 64 * 1_048_576;
const STORAGE_BYTES = 256 * 1_048_576;
const REFRESH_MS = 60_000;
const SILENT_MS = 30_000;
/** How long a server may say nothing before the version that is kept answers. */
const SILENT_START_MS = 3000;
/** How often the manifest is asked for until its blobs are there. */
const MAX_ATTEMPTS = 3;
/** Of at least two letters: "C:\\models" is a folder. */
const ADDRESS = /^[a-z][a-z0-9+.-]+:/i;

/**
 * An agent of one model. It starts with the version that the server has, or without a server with
 * the one that the storage keeps.
 *
 * @throws INVALID_OPTION; ENGINE_UNAVAILABLE without WebAssembly with SIMD; SERVER_UNAVAILABLE,
 *   BUNDLE_CORRUPT or BLOB_CORRUPT where nothing is kept and the server does not answer as it must;
 *   REQUEST_REFUSED; of a folder as `load`.
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
  const { memoryBytes = MEMORY_BYTES, storageBytes = STORAGE_BYTES } = options;
  const { refreshMs = REFRESH_MS, silentMs = SILENT_MS } = options;
  const { source, storage } = await openSource(options, silentMs);
  const blobs = createBlobs(source, { storage, storageBytes });
  const engine = await createNetPredictor();
  let model = await openFirst(source, blobs);
  let checkedAt = nowMs();
  const experts = createExperts(model, { blobs, memoryBytes, prices: options.prices });
  let refreshFailure: string | null = null;
  /** @param gone - A model that the source no longer has; null to ask in any case. */
  const renew = inTurn(async (gone: HeldModel | null): Promise<void> => {
    if (gone !== null && gone !== model) return;
    checkedAt = nowMs();
    try {
      const next = await fetchModel(source, blobs, { etag: model.etag });
      refreshFailure = null;
      if (next === null) return;
      model = next;
      experts.switchTo(next);
      await blobs.keepOnly(next.blobs);
      experts.stream();
    } catch (error) {
      if (error instanceof BailiwickError) refreshFailure = error.message;
      throw error;
    }
  });
  experts.stream();
  return {
    refresh: () => renew(null),
    settled: experts.settled,
    predict: async (rows, asked = {}) => {
      if (nowMs() - checkedAt > refreshMs) void renew(null).catch(leave);
      const before = nowMs();
      const limitMs = asked.deadlineMs ?? silentMs;
      checkNumber("deadlineMs", limitMs, 0);
      const signal = once(() =>
        AbortSignal.timeout(Math.max(0, Math.round(before + limitMs - nowMs()))),
      );
      const predict = (held: HeldModel): Promise<AgentPrediction> =>
        predictOnce({ engine, source, experts, model: held }, rows, { ...asked, signal });
      const first = model;
      const answer = await predict(first).catch(async (error: unknown) => {
        // The version that this agent routed by has been replaced.
        if (!isGone(error)) throw error;
        await renew(first);
        if (model === first) throw error;
        return predict(model);
      });
      if (answer.rowsSent > 0) experts.waited(nowMs() - before);
      experts.stream();
      return answer;
    },
    facts: () => ({
      version: model.version,
      routesHere: model.outline !== null,
      nExperts: model.experts.size,
      nResident: experts.nExperts,
      residentBytes: experts.bytes,
      ...blobs.counts,
      lastFailure: refreshFailure ?? experts.lastFailure,
    }),
  };
}

async function openSource(
  { from, token, storage: asked }: AgentOptions,
  silentMs: number,
): Promise<{ readonly source: ModelSource; readonly storage: AgentStorage }> {
  if (!ADDRESS.test(from)) {
    const { openBundleFolder } = await openFolders(from);
    return { source: openBundleFolder(from), storage: NO_STORAGE };
  }
  const source = createModelServer({ from, token, silentMs });
  if (typeof asked !== "string") return { source, storage: asked ?? (await defaultStorage(from)) };
  const { folderStorage } = await openFolders(asked);
  return { source, storage: await folderStorage(asked) };
}

/** Calls one after the other: each begins when the one before it has ended, however it did. */
function inTurn<T>(work: (about: T) => Promise<void>): (about: T) => Promise<void> {
  let last = Promise.resolve();
  return (about) => {
    const next = last.then(() => work(about));
    last = next.catch(() => {}); // Its caller is told.
    return next;
  };
}

/** Made when it is first asked for: a timer costs more than some predictions. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Without a server the version that is here goes on; the next check asks again. */
function leave(error: unknown): void {
  if (!(error instanceof BailiwickError)) throw error;
}

/** What is kept answers where the server does not, or not as it must; not where it refuses. */
async function openFirst(source: ModelSource, blobs: Blobs): Promise<HeldModel> {
  const kept = await blobs.keptManifest();
  const signal = kept === null ? undefined : AbortSignal.timeout(SILENT_START_MS);
  try {
    const model = await fetchModel(source, blobs, { etag: kept?.etag ?? null, signal });
    if (model === null) return await openModel(kept!, blobs.blob);
    await blobs.keepOnly(model.blobs);
    return model;
  } catch (error) {
    const isRefused = error instanceof BailiwickError && error.code === "REQUEST_REFUSED";
    if (kept === null || isRefused) throw error;
    return openModel(kept, blobs.blob);
  }
}

/** The model that the source has now; null if it still is the one of that etag. */
async function fetchModel(
  source: ModelSource,
  blobs: Blobs,
  { etag, signal }: { readonly etag: string | null; readonly signal?: AbortSignal | undefined },
): Promise<HeldModel | null> {
  for (let attempt = 1; ; attempt++) {
    const fetched = await source.manifest(etag, signal);
    if (fetched === null) return null;
    try {
      const model = await openModel(fetched, blobs.blob);
      await blobs.keepManifest(fetched, onlyOf(model.gates));
      return model;
    } catch (error) {
      // A version that was replaced again meanwhile has lost its blobs.
      if (!isGone(error) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** A server says that a version or blob is not there; in a folder a file is missing. */
function isGone(error: unknown): boolean {
  if (!(error instanceof BailiwickError)) return false;
  return error.code === "BUNDLE_CORRUPT" || error.details["status"] === 404;
}
