/** The file of devices and of the traffic that they get. */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { parseJsonFile } from "../../shared/json.ts";
import {
  DEFAULT_BATCH_ROWS,
  DEFAULT_MAX_LOAD,
  DEFAULT_WEIGHTS,
  type Device,
  type Weights,
} from "./problem.ts";

export interface DeviceFile {
  readonly devices: readonly Device[];
  /** Of the whole model. */
  readonly rowsPerSecond: number;
  readonly batchRows: number;
  readonly maxLoad: number;
  /** Of every expert. */
  readonly replicas: number;
  /** Zones that an expert must be in, by its id. */
  readonly pins: Readonly<Record<string, readonly string[]>>;
  /** Names of the devices that hold an expert now, by its id; null if none holds any. */
  readonly current: Readonly<Record<string, readonly string[]>> | null;
  readonly weights: Weights;
}

const MAX_DEVICES = 10_000;
const positive = z.number().positive();
const name = z.string().min(1).max(200);
const lists = z.record(name, z.array(name).min(1).max(MAX_DEVICES));

/** A device as it stands in a file. */
export const deviceSchema: z.ZodType<Device> = z
  .strictObject({
    name,
    zone: name.default("default"),
    gigaflops: positive,
    memoryMB: positive,
    latencyMs: z.number().nonnegative().default(0.2),
    megabytesPerSecond: positive.default(100),
    watts: z.number().nonnegative().default(0),
  })
  .transform(({ gigaflops, memoryMB, megabytesPerSecond, ...rest }) => ({
    ...rest,
    flopsPerSecond: 1e9 * gigaflops,
    memoryBytes: 1e6 * memoryMB,
    bytesPerSecond: 1e6 * megabytesPerSecond,
  }));

const schema = z.strictObject({
  devices: z.array(deviceSchema).min(1).max(MAX_DEVICES),
  rowsPerSecond: z.number().nonnegative(),
  batchRows: z.int().positive().default(DEFAULT_BATCH_ROWS),
  maxLoad: z.number().positive().max(1).default(DEFAULT_MAX_LOAD),
  replicas: z.int().positive().default(1),
  pins: lists.default({}),
  current: lists.nullable().default(null),
  weights: z
    .strictObject({
      imbalance: z.number().nonnegative().default(DEFAULT_WEIGHTS.imbalance),
      migration: z.number().nonnegative().default(DEFAULT_WEIGHTS.migration),
      energy: z.number().nonnegative().default(DEFAULT_WEIGHTS.energy),
    })
    .default(DEFAULT_WEIGHTS),
});

/** @throws CONFIG_INVALID naming each key that is wrong. */
export function parseDevices(text: string): DeviceFile {
  const file = parseJsonFile("the devices", schema, text);
  const names = file.devices.map((device) => device.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    const message = `devices must have different names, "${twice}" comes twice`;
    throw new BailiwickError("CONFIG_INVALID", message, { name: twice });
  }
  return file;
}
