/**
 * The router over a fabric: serves models whose experts live on nodes.
 *
 * Preprocessing and gate run here. Rows of a class with borders are sent to nodes of its zones
 * only, and sealed where the borders say so; if no node there can answer them, they are refused.
 */
import type { Bundle } from "../../bundle/index.ts";
import type { Engine } from "../../experts/index.ts";
import { type AskExpert, predictElsewhere, type RemotePrediction } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import {
  type Borders,
  type ClassBorders,
  NO_BORDERS,
  passageOfAsking,
  passageTo,
  zonesOf,
} from "../borders/index.ts";
import type { Fabric } from "../fabric/index.ts";
import type { Node } from "../nodes/index.ts";
import { createAsker, type Question } from "./ask-expert.ts";
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
  /** Default: anything may go anywhere. */
  readonly borders?: Borders;
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
   *   without borders; ZONE_UNAVAILABLE or EXPERT_UNAVAILABLE if no node that may see a row can
   *   answer it.
   */
  predict(bundle: Bundle, X: Matrix, rowClass?: string | null): Promise<RemotePrediction>;
  close(): Promise<void>;
}

const DEADLINE_MS = 2000;

export async function createRouter(fabric: Fabric, options: RouterOptions): Promise<Router> {
  const { engine, local, zone, borders = NO_BORDERS, deadlineMs = DEADLINE_MS } = options;
  const directory = await watchDirectory(fabric);
  const asker = createAsker(fabric, directory, { local, zoneKeys: borders.zoneKeys });
  const publisher = await createPublisher(fabric, directory, { ...options, borders });
  const rows = new Map<string, number>();
  const counts = { rows, takeNodes: asker.takeCounts, models: publisher.keys };
  const stopReports = reportOften(fabric, options.name, counts);
  return {
    directory,
    publish: publisher.publish,
    isWhole: publisher.isWhole,
    predict: async (bundle, X, rowClass = null) => {
      const own = bordersFor(rowClass, borders, zone);
      const passage: Question["passage"] =
        own === null ? () => "clear" : (there) => passageOfAsking(own, there, zone);
      const experts = publisher.expertsOf(bundle);
      const until = nowMs() + deadlineMs;
      const ask: AskExpert = (m, k, { X: all, rows: asked }) => {
        const { id, hash } = experts[m]![k]!;
        const expertX = asked.length === all.nRows ? all : takeRows(all, asked);
        rows.set(hash, (rows.get(hash) ?? 0) + expertX.nRows);
        return asker.ask({ expert: id, version: hash, X: expertX, passage, deadlineMs: until });
      };
      try {
        return await predictElsewhere(engine, bundle.model, X, ask);
      } catch (error) {
        throw own === null ? error : closedZone(error, own);
      }
    },
    close: async () => {
      await stopReports();
      await publisher.close();
      await directory.close();
    },
  };
}

/** Borders of a class, which may be here; null for rows that have none. */
function bordersFor(
  rowClass: string | null,
  { classes }: Borders,
  zone: string,
): ClassBorders | null {
  const own = classes.get(rowClass ?? "*") ?? null;
  if (own === null) {
    if (rowClass === null) return null;
    const known = [...classes.keys()].filter((name) => name !== "*").join(", ") || "none";
    const got = rowClass.slice(0, 80);
    const message = `a row's class must be one that has borders (${known}), got "${got}"`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  if (passageTo(own.rows, zone) === "clear") return own;
  const what = rowClass === null ? "rows of no class" : `rows of class ${rowClass}`;
  const where = inWords(zonesOf(own.rows));
  const message = `${what} must stay in ${where}, this router is in ${zone}`;
  throw new BailiwickError("ZONE_CLOSED", message, { zone });
}

function closedZone(error: unknown, { inputs }: ClassBorders): unknown {
  if (!(error instanceof BailiwickError) || error.code !== "EXPERT_UNAVAILABLE") return error;
  const isSealed = Object.values(inputs).includes("sealed");
  const node = isSealed ? "a node there with a key of its zone" : "a node there";
  const where = inWords(zonesOf(inputs));
  const message = `rows that must stay in ${where} need ${node} that answers, none does`;
  return new BailiwickError("ZONE_UNAVAILABLE", message, {}, error);
}

function inWords(zones: readonly string[] | null): string {
  if (zones === null) return "any zone";
  return zones.length === 0 ? "no zone" : zones.join(" or ");
}
