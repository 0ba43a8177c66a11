/** Taking models off a fabric whose servers are gone. */
import { BailiwickError } from "../../shared/errors.ts";
import { type Fabric, TELEMETRY_SUBJECT } from "../fabric/index.ts";
import { HOMES_KEY, modelKey, parseHomes, parseModel } from "../router/index.ts";
import { modelsOfReport } from "./served-models.ts";

/** Routers report once a second. */
const LISTEN_MS = 2500;

/**
 * Removes the records of models that no server serves; a placer then takes their experts off the
 * nodes.
 *
 * @throws INVALID_OPTION unless all are on the fabric and none is served; then none is removed.
 */
export async function retireModels(fabric: Fabric, names: readonly string[]): Promise<void> {
  const bucket = await fabric.bucket("models");
  const there = await bucket.keys();
  const served = await servedNow(fabric);
  for (const name of names) {
    if (!there.includes(modelKey(name))) {
      const message = `a model to retire must be on the fabric, got "${name.slice(0, 80)}"`;
      throw new BailiwickError("INVALID_OPTION", message, { name });
    }
    if (served.has(modelKey(name))) {
      const message = `a model to retire must have no server, a server serves "${name}"`;
      throw new BailiwickError("INVALID_OPTION", message, { name });
    }
  }
  for (const name of names) await bucket.delete(modelKey(name));
}

async function servedNow(fabric: Fabric): Promise<ReadonlySet<string>> {
  const served = new Set<string>();
  const stop = await fabric.listen(TELEMETRY_SUBJECT, ({ body }) => {
    for (const key of modelsOfReport(body)) served.add(key);
  });
  await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
  await stop();
  return served;
}

/** Hashes of the experts that records name, and homes of experts as the placer has written them. */
export async function readPlacement(fabric: Fabric): Promise<{
  readonly served: ReadonlyMap<string, ReadonlySet<string>>;
  readonly homes: Readonly<Record<string, readonly string[]>>;
}> {
  const models = await fabric.bucket("models");
  const served = new Map<string, ReadonlySet<string>>();
  for (const key of await models.keys()) {
    const entry = await models.get(key);
    const record = entry && fabric.refusals.accept(() => parseModel(entry.value));
    if (record !== null) served.set(record.name, new Set(record.experts.map(({ hash }) => hash)));
  }
  const entry = await (await fabric.bucket("homes")).get(HOMES_KEY);
  const homes = entry && fabric.refusals.accept(() => parseHomes(entry.value));
  return { served, homes: homes?.homes ?? {} };
}
