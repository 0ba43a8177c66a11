/** Pure: what is told of a Model or a NodePool, and whether it differs from what was told. */
import { sizeOf } from "./desired.ts";
import {
  type Condition,
  type Model,
  type NodePool,
  POOL_LABEL,
  type Pod,
  type Workload,
} from "./resources.ts";

export type Told = Omit<Condition, "lastTransitionTime">;

/** A pod that was restarted so often is broken, though it may run at the moment. */
const FLAPS = 3;
/** Waiting for one of these does not end by itself. */
const BROKEN_WAITS = [
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
];

/**
 * Ready by what its workload says; else broken by its pods, or starting.
 *
 * @param wanted - Number of pods that must be ready.
 */
export function readyCondition(
  wanted: number,
  workload: Workload | undefined,
  pods: readonly Pod[],
  generation: number,
): Told {
  const told = (status: string, reason: string, message: string): Told => ({
    ...{ type: "Ready", status, reason, message, observedGeneration: generation },
  });
  const broken = pods.flatMap(brokenBy);
  const ready = workload?.status.readyReplicas ?? 0;
  const isSeen =
    workload !== undefined && workload.status.observedGeneration >= workload.metadata.generation;
  const count = `${ready} of ${wanted} ready`;
  if (broken.length > 0) {
    // A server that answers is ready, though another that shall replace it is broken.
    const status = isSeen && ready >= wanted ? "True" : "False";
    return told(status, "Broken", `${count}; ${broken.slice(0, 3).join("; ")}`);
  }
  return isSeen && ready >= wanted
    ? told("True", "Ready", count)
    : told("False", "Starting", count);
}

function brokenBy({ metadata, status }: Pod): readonly string[] {
  if (metadata.deletionTimestamp !== undefined) return [];
  if (status.phase === "Failed") return [`${metadata.name} has failed`];
  return status.containerStatuses.flatMap(({ state, restartCount, ready }) => {
    const waits = state.waiting?.reason ?? "";
    if (BROKEN_WAITS.includes(waits)) return [`${metadata.name}: ${waits}`];
    const flaps = restartCount >= FLAPS && !ready;
    return flaps ? [`${metadata.name} was restarted ${restartCount} times`] : [];
  });
}

/** Whether every pin has a zone in which a pool keeps nodes. */
export function pinsCondition({ spec, metadata }: Model, pools: readonly NodePool[]): Told {
  const zones = new Set(pools.filter((pool) => sizeOf(pool) > 0).map(({ spec }) => spec.zone));
  const lost = spec.pins.filter((pin) => !pin.zones.some((zone) => zones.has(zone)));
  const names = lost.map((pin) => `${pin.class} (${pin.zones.join(", ")})`).join("; ");
  return {
    type: "PinsHaveNodes",
    status: lost.length === 0 ? "True" : "False",
    reason: lost.length === 0 ? "NodesInZones" : "NoNodesInZones",
    message: lost.length === 0 ? "" : `no pool has nodes in the zones of ${names}`,
    observedGeneration: metadata.generation,
  };
}

/**
 * Conditions with the time of the last change of each status.
 *
 * @returns null if nothing differs from what was told before.
 */
export function newConditions(
  before: readonly Condition[],
  told: readonly Told[],
  now: string,
): readonly Condition[] | null {
  const after = told.map((one) => {
    const old = before.find(({ type }) => type === one.type);
    const isSame = old !== undefined && old.status === one.status;
    return { ...one, lastTransitionTime: isSame ? old.lastTransitionTime : now };
  });
  return sameTold(before, after) ? null : after;
}

function sameTold(before: readonly Condition[], after: readonly Condition[]): boolean {
  return (
    before.length === after.length &&
    after.every((one, i) => {
      const old = before[i]!;
      const keys = ["type", "status", "reason", "message", "observedGeneration"] as const;
      return keys.every((key) => old[key] === one[key]);
    })
  );
}

/** The selector of a pool's pods, as the scale subresource tells it. */
export function selectorOf({ metadata }: NodePool): string {
  return `${POOL_LABEL}=${metadata.name}`;
}
