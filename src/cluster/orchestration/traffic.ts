/** What routers report: how much is asked of each expert, in this step and in the steps before. */
import { nowMs } from "../../shared/clock.ts";
import { type Fabric, type Stop, TELEMETRY_SUBJECT } from "../fabric/index.ts";
import { parseTelemetry } from "../router/index.ts";

export interface TrafficLog {
  /** Ends a step: rows per second by hash since the step before. */
  step(): ReadonlyMap<string, number>;
  /** The latest steps, the oldest first. */
  readonly steps: readonly ReadonlyMap<string, number>[];
  /** Nodes that did not answer a router since the last call. */
  takeFailures(): ReadonlySet<string>;
  readonly stop: Stop;
}

const MAX_STEPS = 120;

export async function recordTraffic(fabric: Fabric): Promise<TrafficLog> {
  const steps: ReadonlyMap<string, number>[] = [];
  let rows = new Map<string, number>();
  let failures = new Set<string>();
  let sinceMs = nowMs();
  const stop = await fabric.listen(TELEMETRY_SUBJECT, ({ body }) => {
    const report = fabric.refusals.accept(() => parseTelemetry(body));
    if (report === null) return;
    for (const [hash, n] of Object.entries(report.rows)) rows.set(hash, (rows.get(hash) ?? 0) + n);
    for (const [key, { nFailures }] of Object.entries(report.nodes)) {
      if (nFailures > 0) failures.add(key);
    }
  });
  return {
    steps,
    step: () => {
      const seconds = Math.max(0.001, (nowMs() - sinceMs) / 1000);
      const rates = new Map([...rows].map(([hash, n]) => [hash, n / seconds] as const));
      sinceMs = nowMs();
      rows = new Map();
      steps.push(rates);
      if (steps.length > MAX_STEPS) steps.shift();
      return rates;
    },
    takeFailures: () => {
      const taken = failures;
      failures = new Set();
      return taken;
    },
    stop,
  };
}
