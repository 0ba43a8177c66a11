/** A finished split. */
import type { NetSettings } from "../../mixture/index.ts";
import type { Coverage } from "./coverage.ts";
import type { PeerFigures } from "./peers.ts";

/** One line of splits.jsonl; `mse` holds our methods and the baselines. */
export interface AccuracyRow extends PeerFigures {
  /** What the row was run with: see `runOf`. */
  readonly run: string;
  readonly set: string;
  readonly sha256: string;
  readonly split: number;
  readonly nTrain: number;
  readonly nTest: number;
  /** Of the single net. */
  readonly hidden: readonly number[];
  readonly settings: NetSettings;
  readonly equalCostSize: number;
  /** Of the committee of networks only, and of all families. */
  readonly weights: Readonly<Record<"nn" | "all", Readonly<Record<string, number>>>>;
  readonly coverage: Coverage;
  readonly seconds: number;
}
