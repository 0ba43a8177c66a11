/**
 * The router over a fabric: serves models whose experts live on nodes.
 *
 * Preprocessing and gate stay here. Rows of a class that is pinned to zones are seen by nodes of
 * these zones only; where that cannot be, they are refused.
 */
import type { Bundle } from "../../bundle/index.ts";
import type { Engine } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { type Fabric, TELEMETRY_SUBJECT } from "../fabric/index.ts";
import type { Node } from "../nodes/index.ts";
import { type Asker, createAsker } from "./ask-expert.ts";
import { predictRemotely, type RemotePrediction } from "./predict.ts";
import { type ModelRecord, modelKey, publishExperts, type ServedExpert } from "./served-model.ts";
import { type Table, watchTable } from "./table.ts";

export interface RouterOptions {
  readonly name: string;
  /** Where this router is. */
  readonly zone: string;
  readonly engine: Engine;
  /** A node of this process, asked without the fabric; null for none. */
  readonly local: Node | null;
  /** Zones that rows of a class must not leave; "*" for rows of no class. */
  readonly pins: ReadonlyMap<string, readonly string[]>;
  readonly replicas: number;
  /** A request is answered by then, or refused. */
  readonly deadlineMs?: number;
}

export interface Router {
  readonly table: Table;
  /**
   * Tells the placer of these versions of a model, and waits until every expert has a home.
   *
   * @returns Whether all have one by `waitMs`.
   */
  publish(name: string, bundles: readonly Bundle[], waitMs: number): Promise<boolean>;
  /**
   * @param rowClass - What the rows are called by who asks; null for nothing.
   * @throws ZONE_CLOSED for a class that is not known, or rows that must not be here;
   *   ZONE_UNAVAILABLE or EXPERT_UNAVAILABLE if no node that may see a row can answer it.
   */
  predict(bundle: Bundle, X: Matrix, rowClass?: string | null): Promise<RemotePrediction>;
  close(): Promise<void>;
}

const DEADLINE_MS = 2000;
const TELL_MS = 1000;
const LOOK_MS = 50;

export async function createRouter(fabric: Fabric, options: RouterOptions): Promise<Router> {
  const { engine, local, pins, replicas, deadlineMs = DEADLINE_MS } = options;
  const table = await watchTable(fabric);
  const asker = createAsker(fabric, table, local);
  const published = new WeakMap<Bundle, readonly (readonly ServedExpert[])[]>();
  const rows = new Map<string, number>();
  const stopTelling = tellOften(fabric, options, asker, rows);
  const zoneLists = [...new Set([...pins.values()].map((zones) => zones.join(",")))].map((own) =>
    own.split(","),
  );
  return {
    table,
    publish: async (name, bundles, waitMs) => {
      for (const bundle of bundles) {
        if (!published.has(bundle)) published.set(bundle, await publishExperts(fabric, bundle));
      }
      const experts = bundles.flatMap((bundle) => published.get(bundle)!.flat());
      const record: ModelRecord = { name, experts: unique(experts), replicas, zoneLists };
      const models = await fabric.bucket("models");
      await models.put(modelKey(name), new TextEncoder().encode(JSON.stringify(record)));
      return waitForHomes(table, experts, waitMs);
    },
    predict: async (bundle, X, rowClass = null) => {
      const zones = zonesFor(rowClass, options);
      const experts = published.get(bundle);
      if (experts === undefined) {
        throw new BailiwickError("EXPERT_UNAVAILABLE", "the model must be published first");
      }
      const until = nowMs() + deadlineMs;
      const ask = (m: number, k: number, own: Matrix): Promise<Float32Array> => {
        const { id, hash } = experts[m]![k]!;
        rows.set(hash, (rows.get(hash) ?? 0) + own.nRows);
        return asker.ask({ expert: id, version: hash, X: own, zones, deadlineMs: until });
      };
      try {
        return await predictRemotely(engine, bundle, X, ask);
      } catch (error) {
        throw zones === null ? error : closedZone(error, zones);
      }
    },
    close: async () => {
      stopTelling();
      await table.close();
    },
  };
}

/** Zones that rows of a class may be in; null for any. */
function zonesFor(
  rowClass: string | null,
  { pins, zone }: RouterOptions,
): readonly string[] | null {
  const zones = pins.get(rowClass ?? "*") ?? null;
  if (zones === null) {
    if (rowClass === null) return null;
    const known = [...pins.keys()].filter((name) => name !== "*").join(", ") || "none";
    const message = `a row's class must be one that is pinned (${known}), got "${rowClass.slice(0, 80)}"`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  if (zones.includes(zone)) return zones;
  const what = rowClass === null ? "rows of no class" : `rows of class ${rowClass}`;
  const message = `${what} must stay in ${zones.join(" or ")}, this router is in ${zone}`;
  throw new BailiwickError("ZONE_CLOSED", message, { zone });
}

function closedZone(error: unknown, zones: readonly string[]): unknown {
  if (!(error instanceof BailiwickError) || error.code !== "EXPERT_UNAVAILABLE") return error;
  const message = `rows that must stay in ${zones.join(" or ")} need a node there that answers, none does`;
  return new BailiwickError("ZONE_UNAVAILABLE", message, {}, error);
}

function unique(experts: readonly ServedExpert[]): readonly ServedExpert[] {
  return [...new Map(experts.map((expert) => [expert.hash, expert])).values()];
}

async function waitForHomes(
  table: Table,
  experts: readonly ServedExpert[],
  waitMs: number,
): Promise<boolean> {
  const until = nowMs() + waitMs;
  for (;;) {
    const homeless = experts.some(({ hash }) => !table.homesOf(hash).some(table.isThere));
    if (!homeless) return true;
    if (nowMs() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** What a router tells the placer, over and over. */
export interface Telemetry {
  readonly router: string;
  readonly seconds: number;
  /** Rows that experts were asked for, by hash. */
  readonly rows: Readonly<Record<string, number>>;
  /** By node: answers, their mean milliseconds, and requests without an answer. */
  readonly nodes: Readonly<
    Record<
      string,
      { readonly nAnswers: number; readonly meanMs: number; readonly nFailures: number }
    >
  >;
}

function tellOften(
  fabric: Fabric,
  { name }: RouterOptions,
  asker: Asker,
  rows: Map<string, number>,
): () => void {
  let sinceMs = nowMs();
  const timer = setInterval(() => {
    const seconds = (nowMs() - sinceMs) / 1000;
    sinceMs = nowMs();
    const nodes = [...asker.takeCounts()].map(([key, { nAnswers, sumMs, nFailures }]) => {
      return [key, { nAnswers, meanMs: sumMs / Math.max(1, nAnswers), nFailures }] as const;
    });
    const told: Telemetry = {
      router: name,
      seconds,
      rows: Object.fromEntries(rows),
      nodes: Object.fromEntries(nodes),
    };
    rows.clear();
    fabric.publish(TELEMETRY_SUBJECT, {
      headers: {},
      body: new TextEncoder().encode(JSON.stringify(told)),
    });
  }, TELL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
