/** What routers tell: how much is asked of each expert, now and in the steps before. */

import { nowMs } from "../../shared/clock.ts";
import { type Delivered, type Fabric, type Stop, TELEMETRY_SUBJECT } from "../fabric/index.ts";
import type { Telemetry } from "../router/index.ts";

export interface TrafficLog {
  /** Closes a step: rows a second by hash since the step before. */
  step(): ReadonlyMap<string, number>;
  /** Steps that are remembered, the oldest first. */
  readonly steps: readonly ReadonlyMap<string, number>[];
  /** Nodes that did not answer a router since it was last asked for. */
  takeFailures(): ReadonlySet<string>;
  readonly stop: Stop;
}

const REMEMBERED = 120;

export async function recordTraffic(fabric: Fabric): Promise<TrafficLog> {
  const steps: ReadonlyMap<string, number>[] = [];
  let rows = new Map<string, number>();
  let failures = new Set<string>();
  let sinceMs = nowMs();
  const stop = await fabric.listen(TELEMETRY_SUBJECT, (message) => {
    const told = parseTelemetry(message);
    if (told === null) return;
    for (const [hash, n] of Object.entries(told.rows)) add(rows, hash, n);
    for (const [key, { nFailures }] of Object.entries(told.nodes))
      if (nFailures > 0) failures.add(key);
  });
  return {
    steps,
    step: () => {
      const seconds = Math.max(0.001, (nowMs() - sinceMs) / 1000);
      const rates = new Map([...rows].map(([hash, n]) => [hash, n / seconds] as const));
      sinceMs = nowMs();
      rows = new Map();
      steps.push(rates);
      if (steps.length > REMEMBERED) steps.shift();
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

function add(counts: Map<string, number>, key: string, n: number): void {
  if (Number.isFinite(n) && n > 0) counts.set(key, (counts.get(key) ?? 0) + n);
}

function parseTelemetry({ body }: Delivered): Telemetry | null {
  try {
    const told = JSON.parse(new TextDecoder().decode(body)) as Telemetry;
    return typeof told.rows === "object" && typeof told.nodes === "object" ? told : null;
  } catch {
    return null;
  }
}
