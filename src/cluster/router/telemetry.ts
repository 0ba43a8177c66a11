/** What a router reports to the placer once a second: rows by expert, answers by node. */
import { z } from "zod";
import { nowMs } from "../../shared/clock.ts";
import { every } from "../../shared/every.ts";
import {
  type Fabric,
  nodeKeySchema,
  readMessage,
  type Stop,
  sha256Schema,
  TELEMETRY_SUBJECT,
  writeMessage,
} from "../fabric/index.ts";
import type { NodeCounts } from "./standings.ts";

const REPORT_MS = 1000;
const number = z.number().nonnegative();
const count = z.int().nonnegative();
const MAX_MODELS = 10_000;

const telemetrySchema: z.ZodType<Telemetry> = z.object({
  router: z.string().max(200),
  seconds: number,
  /** Rows that experts were asked for, by hash. */
  rows: z.record(sha256Schema, count).readonly(),
  /** By node: answers, their mean milliseconds, and requests that failed. */
  nodes: z
    .record(nodeKeySchema, z.object({ nAnswers: count, meanMs: number, nFailures: count }))
    .readonly(),
  /** Messages that the router refused because they do not fit. */
  refused: count.default(0),
  /** Keys of the models that it serves. */
  models: z.array(z.string().max(2000)).max(MAX_MODELS).readonly().default([]),
});

export interface Telemetry {
  readonly router: string;
  readonly seconds: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly nodes: Readonly<Record<string, NodeAnswers>>;
  readonly refused: number;
  readonly models: readonly string[];
}

export interface NodeAnswers {
  readonly nAnswers: number;
  readonly meanMs: number;
  readonly nFailures: number;
}

/** @throws MESSAGE_INVALID unless it is a router's report. */
export function parseTelemetry(body: Uint8Array): Telemetry {
  return readMessage("a router's report", telemetrySchema, body);
}

/** Counts since the last report, and what is served now. */
export interface TrafficCounts {
  models(): readonly string[];
  readonly rows: Map<string, number>;
  takeNodes(): ReadonlyMap<string, NodeCounts>;
}

export function reportOften(fabric: Fabric, router: string, counts: TrafficCounts): Stop {
  let sinceMs = nowMs();
  return every(REPORT_MS, () => {
    const seconds = (nowMs() - sinceMs) / 1000;
    sinceMs = nowMs();
    const nodes = [...counts.takeNodes()].map(([key, { nAnswers, sumMs, nFailures }]) => {
      return [key, { nAnswers, meanMs: sumMs / Math.max(1, nAnswers), nFailures }] as const;
    });
    const report: Telemetry = {
      router,
      seconds,
      rows: Object.fromEntries(counts.rows),
      nodes: Object.fromEntries(nodes),
      refused: fabric.refusals.total(),
      models: counts.models(),
    };
    counts.rows.clear();
    fabric.publish(TELEMETRY_SUBJECT, { headers: {}, body: writeMessage(report) });
  }).stop;
}
