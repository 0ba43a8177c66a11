/**
 * The models that a router serves, published for the placer: a record per model, a blob per
 * expert. What the fabric loses is published again from the bundles in this process.
 */
import type { Bundle } from "../../bundle/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Borders, zonesOf } from "../borders/index.ts";
import { type Fabric, writeMessage } from "../fabric/index.ts";
import type { Node } from "../nodes/index.ts";
import type { Directory } from "./directory.ts";
import {
  type ModelRecord,
  modelKey,
  publishExperts,
  type ServedExpert,
  servedExperts,
} from "./served-model.ts";

export interface Publisher {
  publish(name: string, bundles: readonly Bundle[], waitMs: number): Promise<boolean>;
  /** By member and expert. @throws EXPERT_UNAVAILABLE if the bundle was not published. */
  expertsOf(bundle: Bundle): readonly (readonly ServedExpert[])[];
  isWhole(): boolean;
  /** Keys of the models that this process serves. */
  keys(): readonly string[];
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly local: Node | null;
  readonly borders: Borders;
  readonly replicas: number;
}

const LOOK_MS = 50;

interface Served {
  readonly bundles: readonly Bundle[];
  readonly record: ModelRecord;
}

export async function createPublisher(
  fabric: Fabric,
  directory: Directory,
  { local, borders, replicas }: PublisherOptions,
): Promise<Publisher> {
  const models = await fabric.bucket("models");
  const published = new WeakMap<Bundle, readonly (readonly ServedExpert[])[]>();
  const served = new Map<string, Served>();
  /** Bundles that are being published. */
  const coming = new Set<Bundle>();
  const zoneLists = zoneListsOf(borders);
  const classes = Object.fromEntries(
    [...borders.classes].map(([name, { inputs }]) => [name, zonesOf(inputs)]),
  );
  let isOpen = true;
  const putRecord = ({ record }: Served): Promise<unknown> =>
    models.put(modelKey(record.name), writeMessage(record));
  const servedByKey = (key: string): Served | undefined =>
    [...served.values()].find(({ record }) => modelKey(record.name) === key);
  const putExpertsAgain = async (): Promise<void> => {
    if (!isOpen) return;
    const bundles = [...served.values()].flatMap((one) => one.bundles);
    await publishExperts(fabric, new Set([...bundles, ...coming]));
  };
  fabric.blobs.onLost(putExpertsAgain);
  models.onLost(async () => {
    if (isOpen) await Promise.all([...served.values()].map(putRecord));
  });
  const stopModels = await models.watch(({ key, value }) => {
    // Another process has taken this process's model for gone.
    const model = value === null ? servedByKey(key) : undefined;
    if (model !== undefined && isOpen) void putRecord(model).catch(() => undefined);
  });
  const isReachable = (key: string): boolean =>
    key === local?.key || (fabric.isConnected() && directory.isThere(key));
  const hasHome = (hash: string): boolean => directory.homesOf(hash).some(isReachable);
  const isPlaced = ({ record }: Served): boolean =>
    record.experts.every(({ hash }) => hasHome(hash));
  return {
    publish: async (name, bundles, waitMs) => {
      for (const bundle of bundles) {
        if (!published.has(bundle)) published.set(bundle, servedExperts(bundle, borders));
        coming.add(bundle);
      }
      await publishExperts(fabric, bundles);
      const all = bundles.flatMap((bundle) => published.get(bundle)!.flat());
      const record: ModelRecord = { name, experts: unique(all), replicas, zoneLists, classes };
      const model = { bundles, record };
      served.set(name, model);
      await putRecord(model);
      for (const bundle of bundles) coming.delete(bundle);
      return waitUntil(() => isPlaced(model), waitMs);
    },
    expertsOf: (bundle) => {
      const publication = published.get(bundle);
      if (publication !== undefined) return publication;
      throw new BailiwickError("EXPERT_UNAVAILABLE", "the model must be published first");
    },
    isWhole: () => [...served.values()].every(isPlaced),
    keys: () => [...served.keys()].map(modelKey),
    close: async () => {
      isOpen = false;
      await stopModels();
    },
  };
}

/** Lists of zones, one of each list must hold every expert. */
function zoneListsOf({ classes }: Borders): readonly (readonly string[])[] {
  const lists = [...classes.values()].flatMap(({ inputs }) => {
    const zones = zonesOf(inputs);
    return zones === null || zones.length === 0 ? [] : [zones];
  });
  return [...new Map(lists.map((own) => [own.join(), own])).values()];
}

function unique(experts: readonly ServedExpert[]): readonly ServedExpert[] {
  return [...new Map(experts.map((expert) => [expert.hash, expert])).values()];
}

async function waitUntil(isDone: () => boolean, waitMs: number): Promise<boolean> {
  const until = nowMs() + waitMs;
  while (!isDone()) {
    if (nowMs() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}
