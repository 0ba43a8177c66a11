/** Where an agent's model comes from: a server (server.ts), or a folder here (folders.ts). */
import type { ShipKind } from "../../shared/choices.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { ExpertRows } from "./wire.ts";

/** Columns by name. A column that a row lacks is missing. */
export type Row = Readonly<Record<string, number | string | boolean | null>>;

/** A manifest as it came, and what its source says with it. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly version: string;
  readonly etag: string;
  readonly ship: readonly ShipKind[];
}

export interface ModelSource {
  /** null if it still is the one of that etag. */
  manifest(etag: string | null, signal?: AbortSignal): Promise<FetchedManifest | null>;
  /** @throws BLOB_CORRUPT for bytes of another hash. */
  blob(hash: string, maxBytes: number): Promise<Uint8Array>;
  /** What answers rows there; null where all parts are on this device. */
  readonly remote: RemoteAnswers | null;
}

export interface RemoteAnswers {
  /** Answers in the order of `asked`. */
  experts(
    version: string,
    X: Matrix,
    asked: readonly ExpertRows[],
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]>;
  /** Answers to whole rows, in the target's units. */
  rows(
    rows: readonly Row[],
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly predictions: readonly number[] }>;
}
