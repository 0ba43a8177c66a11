/**
 * The router over a fabric: serves models whose experts live on nodes.
 *
 * Preprocessing and gate run here. Rows of a class that is pinned to zones are sent to nodes of
 * these zones only; if no node there can answer them, they are refused.
 */
import type { Bundle } from "../../bundle/index.ts";
import type { Engine } from "../../experts/index.ts";
import { type AskExpert, predictElsewhere, type RemotePrediction } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import type { Fabric } from "../fabric/index.ts";
import type { Node } from "../nodes/index.ts";
import { createAsker } from "./ask-expert.ts";
import { type Directory, watchDirectory } from "./directory.ts";
import { createPublisher } from "./publish.ts";
import { reportOften } from "./telemetry.ts";

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
  /** A request is answered within this time, or refused. */
  readonly deadlineMs?: number;
}

export interface Router {
  readonly directory: Directory;
  /**
   * Publishes these versions of a model, and waits until every expert has a home. If the fabric
   * loses them, they are published again.
   *
   * @returns Whether all have one by `waitMs`.
   */
  publish(name: string, bundles: readonly Bundle[], waitMs: number): Promise<boolean>;
  /** Whether every published expert has a home that can be asked now. */
  isWhole(): boolean;
  /**
   * @param rowClass - The class that the caller gives the rows; null for none.
   * @throws ZONE_CLOSED for rows that must not be in this router's zone; INVALID_OPTION for a class
   *   that is not pinned; ZONE_UNAVAILABLE or EXPERT_UNAVAILABLE if no node that may see a row can
   *   answer it.
   */
  predict(bundle: Bundle, X: Matrix, rowClass?: string | null): Promise<RemotePrediction>;
  close(): Promise<void>;
}

const DEADLINE_MS = 2000;

export async function createRouter(fabric: Fabric, options: RouterOptions): Promise<Router> {
  const { engine, local, deadlineMs = DEADLINE_MS } = options;
  const directory = await watchDirectory(fabric);
  const asker = createAsker(fabric, directory, local);
  const publisher = await createPublisher(fabric, directory, options);
  const rows = new Map<string, number>();
  const counts = { rows, takeNodes: asker.takeCounts, models: publisher.keys };
  const stopReports = reportOften(fabric, options.name, counts);
  return {
    directory,
    publish: publisher.publish,
    isWhole: publisher.isWhole,
    predict: async (bundle, X, rowClass = null) => {
      const zones = zonesFor(rowClass, options);
      const experts = publisher.expertsOf(bundle);
      const until = nowMs() + deadlineMs;
      const ask: AskExpert = (m, k, { X: all, rows: asked }) => {
        const { id, hash } = experts[m]![k]!;
        const expertX = asked.length === all.nRows ? all : takeRows(all, asked);
        rows.set(hash, (rows.get(hash) ?? 0) + expertX.nRows);
        return asker.ask({ expert: id, version: hash, X: expertX, zones, deadlineMs: until });
      };
      try {
        return await predictElsewhere(engine, bundle.model, X, ask);
      } catch (error) {
        throw zones === null ? error : closedZone(error, zones);
      }
    },
    close: async () => {
      await stopReports();
      await publisher.close();
      await directory.close();
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
    const pinned = [...pins.keys()].filter((name) => name !== "*").join(", ") || "none";
    const got = rowClass.slice(0, 80);
    const message = `a row's class must be one that is pinned (${pinned}), got "${got}"`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  if (zones.includes(zone)) return zones;
  const what = rowClass === null ? "rows of no class" : `rows of class ${rowClass}`;
  const message = `${what} must stay in ${zones.join(" or ")}, this router is in ${zone}`;
  throw new BailiwickError("ZONE_CLOSED", message, { zone });
}

function closedZone(error: unknown, zones: readonly string[]): unknown {
  if (!(error instanceof BailiwickError) || error.code !== "EXPERT_UNAVAILABLE") return error;
  const where = zones.join(" or ");
  const message = `rows that must stay in ${where} need a node there that answers, none does`;
  return new BailiwickError("ZONE_UNAVAILABLE", message, {}, error);
}
