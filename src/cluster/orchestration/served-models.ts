/**
 * The models that routers serve, by their records: kept while some router reports that it serves
 * them, and retired when none has for a while.
 */
import { nowMs } from "../../shared/clock.ts";
import { type Fabric, type Stop, TELEMETRY_SUBJECT } from "../fabric/index.ts";
import { type ModelRecord, parseModel, parseTelemetry } from "../router/index.ts";

/** A model that no server has served for this long is retired. */
export const RETIRE_MS: number = 10 * 60_000;
/** After a longer pause of this process it cannot say who was silent. */
const PAUSE_MS = 5000;

export interface ServedModels {
  /** By key. */
  readonly records: ReadonlyMap<string, ModelRecord>;
  /** Keys of the models that no server has served for a while. Call it often. */
  abandoned(): readonly string[];
  remove(key: string): Promise<void>;
  readonly stop: Stop;
}

export async function watchServedModels(
  fabric: Fabric,
  retireMs: number = RETIRE_MS,
): Promise<ServedModels> {
  const records = new Map<string, ModelRecord>();
  const seenMs = new Map<string, number>();
  let lookedMs = nowMs();
  const bucket = await fabric.bucket("models");
  const stops = [
    await bucket.watch(({ key, value }) => {
      const record = value === null ? null : fabric.refusals.accept(() => parseModel(value));
      if (record === null) records.delete(key);
      else records.set(key, record);
      seenMs.set(key, nowMs());
    }),
    await fabric.listen(TELEMETRY_SUBJECT, ({ body }) => {
      // A report that does not fit is counted where traffic is recorded.
      for (const key of modelsOfReport(body)) if (records.has(key)) seenMs.set(key, nowMs());
    }),
  ];
  return {
    records,
    abandoned: () => {
      const now = nowMs();
      if (now - lookedMs > PAUSE_MS) for (const key of records.keys()) seenMs.set(key, now);
      lookedMs = now;
      return [...records.keys()].filter((key) => now - (seenMs.get(key) ?? now) >= retireMs);
    },
    remove: async (key) => {
      await bucket.delete(key);
      records.delete(key);
    },
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

/** Keys of the models in a router's report; none where it does not fit. */
export function modelsOfReport(body: Uint8Array): readonly string[] {
  try {
    return parseTelemetry(body).models;
  } catch {
    return [];
  }
}
