/** Which device holds which expert, and which are on their way there. */
import { moveSeconds, type Plan } from "../placement/index.ts";
import type { Scenario } from "./scenario.ts";
import type { DeviceState } from "./trace.ts";

export interface Holdings {
  /** Where experts are to be. */
  readonly target: Plan;
  /** Sets the target. @returns Number of experts that have to be loaded for it. */
  aim(target: Plan): number;
  /** Up to this second: experts arrive, die with their device, and are dropped. */
  advance(states: readonly DeviceState[], second: number): void;
  /** Where experts can answer. */
  held(): Plan;
  bytesMoved(): number;
}

/** @param first - Held at the start. */
export function createHoldings({ experts, devices }: Scenario, first: Plan): Holdings {
  const held = first.map((places) => new Set(places));
  /** The second in which an expert will be there, by device. */
  const coming = first.map(() => new Map<number, number>());
  /** The second from which a device's link is free. */
  const free = new Float64Array(devices.length);
  let [target, bytesMoved] = [first, 0];

  const load = (e: number, { device }: DeviceState, d: number, second: number): void => {
    free[d] = Math.max(free[d]!, second) + moveSeconds(experts[e]!, device);
    coming[e]!.set(d, free[d]!);
    bytesMoved += experts[e]!.bytes;
  };
  const die = (e: number, states: readonly DeviceState[]): void => {
    for (const [d, { isUp }] of states.entries()) {
      if (isUp) continue;
      held[e]!.delete(d);
      coming[e]!.delete(d);
    }
  };
  const arrive = (e: number, second: number): void => {
    for (const [d, arrival] of coming[e]!) {
      if (arrival > second) continue;
      held[e]!.add(d);
      coming[e]!.delete(d);
    }
  };
  /** Loads what is missing; drops what is too much once everything that can be there is. */
  const follow = (e: number, states: readonly DeviceState[], second: number): void => {
    const holders = held[e]!;
    const wanted = target[e]!.filter((d) => states[d]!.isUp);
    const missing = wanted.filter((d) => !holders.has(d));
    for (const d of missing) if (!coming[e]!.has(d)) load(e, states[d]!, d, second);
    if (wanted.length === 0 || missing.length > 0) return;
    for (const d of holders) if (!target[e]!.includes(d)) holders.delete(d);
  };
  return {
    get target() {
      return target;
    },
    aim(next) {
      const nMoves = next.reduce((sum, places, e) => {
        return sum + places.filter((d) => !target[e]!.includes(d)).length;
      }, 0);
      target = next;
      return nMoves;
    },
    advance(states, second) {
      states.forEach(({ isUp }, d) => {
        if (!isUp) free[d] = second;
      });
      for (const e of experts.keys()) {
        die(e, states);
        arrive(e, second);
        follow(e, states, second);
      }
    },
    held: () => held.map((places) => [...places].sort((a, b) => a - b)),
    bytesMoved: () => bytesMoved,
  };
}
