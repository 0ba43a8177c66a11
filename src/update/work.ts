/** What carrying out decisions on one member needs to know. */
import type { Samples } from "../experts/index.ts";
import type { Executor, TrainingTable } from "../mixture/index.ts";
import type { Current } from "./current.ts";
import type { Seen } from "./observe.ts";
import type { OldRowReader } from "./old-rows.ts";

export interface Work {
  readonly executor: Executor;
  readonly seed: number;
  readonly current: Current;
  readonly member: number;
  /** The new rows, as they came and standardised. */
  readonly table: TrainingTable;
  readonly samples: Samples;
  readonly seen: Seen;
  readonly old: OldRowReader;
}
