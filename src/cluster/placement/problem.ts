/**
 * The experts to place and the devices for them, as plain data without bundles, networks or clocks.
 */

/** Something that can hold and run experts. */
export interface Device {
  readonly name: string;
  readonly zone: string;
  /** Multiply-adds per second, as measured. */
  readonly flopsPerSecond: number;
  readonly memoryBytes: number;
  /** Round trip of an empty message from the router. */
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  /** At full load. */
  readonly watts: number;
}

/** An expert to hold, and its traffic. */
export interface Load {
  readonly id: string;
  readonly bytes: number;
  readonly flopsPerRow: number;
  /** Bytes of a row and of its answer on the wire. */
  readonly bytesPerRow: number;
  readonly rowsPerSecond: number;
  /** Devices that shall hold it. */
  readonly replicas: number;
  /** Zones that it may be in; null for any. */
  readonly zones: readonly string[] | null;
}

/** The devices of every expert, by number, ascending: one list per expert. */
export type Plan = readonly (readonly number[])[];

/** What one unit of each costs, in milliseconds of an expected answer. */
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
  /** The present plan, whose experts need not be moved; null if there is none. */
  readonly current: Plan | null;
  readonly weights: Weights;
  /** No device may be busy for a larger share of its time. */
  readonly maxLoad: number;
  /** Rows per request. */
  readonly batchRows: number;
}

export const DEFAULT_WEIGHTS: Weights = { imbalance: 5, migration: 0.05, energy: 0.01 };
export const DEFAULT_MAX_LOAD = 0.8;
export const DEFAULT_BATCH_ROWS = 64;
