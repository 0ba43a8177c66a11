/** Rows of earlier days, as an update asks for them. */
import type { TrainingTable } from "../../mixture/index.ts";

/** Where old rows are kept: apart by the regimes of the first member. */
export interface OldRows {
  /** Rows of each regime. */
  readonly counts: readonly number[];
  /** The rows of one regime, oldest first; null if there are none. */
  read(regime: number): Promise<TrainingTable | null>;
}
