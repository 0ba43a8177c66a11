/** What the placer's fleet and traffic say of the number of nodes that are wanted. */
import { nowMs } from "../../shared/clock.ts";
import { nodeNeeds } from "../placement/index.ts";
import type { PlacerState } from "./placer-state.ts";
import { wantedLoads } from "./wanted.ts";

const HOUR_MS = 3_600_000;

/** Counts again, by the traffic of the latest step. Without a node its power is not known. */
export function lookAtNodes(state: PlacerState): void {
  const devices = state.fleet.devices();
  const models = [...state.models.records.values()];
  if (models.length === 0) {
    state.wantedNodes &&= 0;
    return;
  }
  const most = Math.max(...models.map(({ replicas }) => replicas));
  if (devices.length === 0) {
    state.wantedNodes ||= most;
    return;
  }
  const rates = state.traffic.steps.at(-1) ?? new Map<string, number>();
  const counted = new Set<string>();
  // An expert that has a load for each list of zones is asked for its rows once.
  const loads = wantedLoads(models, rates, devices).map((load) => {
    const rowsPerSecond = counted.has(load.hash) ? 0 : (rates.get(load.hash) ?? 0);
    counted.add(load.hash);
    return { ...load, rowsPerSecond };
  });
  const needs = nodeNeeds(loads, devices);
  const least = Math.max(most, needs.least);
  state.wantedNodes = state.nodeCount.look(nowMs() / HOUR_MS, { ...needs, least });
}
