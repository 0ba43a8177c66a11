/**
 * What is to be placed, and where it may go. Plain data: the placer knows nothing of bundles,
 * networks or clocks.
 */

/** Something that can hold and run experts. */
export interface Device {
  readonly name: string;
  readonly zone: string;
  /** Multiply-adds a second, as measured. */
  readonly flopsPerSecond: number;
  readonly memoryBytes: number;
  /** From the router and back, of an empty message. */
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  /** At full load. */
  readonly watts: number;
}

/** An expert to hold, and what is asked of it. */
export interface Load {
  readonly id: string;
  readonly bytes: number;
  readonly flopsPerRow: number;
  /** Bytes of a row and of its answer on the wire. */
  readonly bytesPerRow: number;
  readonly rowsPerSecond: number;
  /** On so many devices. */
  readonly replicas: number;
  /** Zones that it may be in; null for any. */
  readonly zones: readonly string[] | null;
}

/** Devices of every expert, by number, ascending. One list an expert. */
export type Plan = readonly (readonly number[])[];

/** What a unit of each is worth, in milliseconds of an expected answer. */
export interface Weights {
  /** Of the largest share of its time that a device is busy. */
  readonly imbalance: number;
  /** Of a second of moving experts over links. */
  readonly migration: number;
  /** Of a watt. */
  readonly energy: number;
}

export interface Problem {
  readonly devices: readonly Device[];
  readonly experts: readonly Load[];
  /** What holds now, whose experts need not be moved; null if nothing does. */
  readonly current: Plan | null;
  readonly weights: Weights;
  /** No device may be busy for a larger share of its time. */
  readonly maxLoad: number;
  /** Rows of a request. */
  readonly batchRows: number;
}

export const DEFAULT_WEIGHTS: Weights = { imbalance: 5, migration: 0.05, energy: 0.01 };
export const DEFAULT_MAX_LOAD = 0.8;
export const DEFAULT_BATCH_ROWS = 64;
