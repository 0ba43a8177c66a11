/** The first plan: experts that are hard to place first, each replica where it costs least. */
import { add, type Barrier, barrier, cheapest, remove, type State } from "./plan-state.ts";

/** Why there is no plan: an expert, and for every device the rule that bars it. */
export interface Unplaced {
  readonly expert: string;
  readonly devices: readonly { readonly name: string; readonly rule: Barrier }[];
}

/** Places every replica. @returns The expert that found no device; null if all did. */
export function placeAll(state: State): Unplaced | null {
  const { experts, devices } = state.problem;
  const memory = Math.max(...devices.map(({ memoryBytes }) => memoryBytes));
  const size = (e: number): number => {
    const { bytes, replicas, zones } = experts[e]!;
    const work = state.tables.loads[e * devices.length]! * replicas;
    return (zones === null ? 0 : 1) + bytes / memory + work;
  };
  const order = [...experts.keys()].sort((a, b) => size(b) - size(a) || a - b);
  for (const e of order) {
    for (let replica = 0; replica < experts[e]!.replicas; replica++) {
      const d = cheapest(state, e) ?? makeRoom(state, e);
      if (d === null) return explainUnplaced(state, e);
      add(state, e, d);
    }
  }
  return null;
}

/** Moves another expert off a device to make room. @returns The device; null if there is none. */
function makeRoom(state: State, e: number): number | null {
  for (let d = 0; d < state.tables.nDevices; d++) {
    const rule = barrier(state, e, d);
    if (rule !== "memory" && rule !== "load") continue;
    for (const [other, own] of state.places.entries()) {
      if (!own.includes(d)) continue;
      remove(state, other, d);
      const to = barrier(state, e, d) === null ? cheapestBut(state, other, d) : null;
      if (to !== null) {
        add(state, other, to);
        return d;
      }
      add(state, other, d);
    }
  }
  return null;
}

function cheapestBut(state: State, e: number, not: number): number | null {
  const homes = state.places[e]!;
  homes.push(not);
  const found = cheapest(state, e);
  homes.pop();
  return found;
}

function explainUnplaced(state: State, e: number): Unplaced {
  const devices = state.problem.devices.map(({ name }, d) => ({
    name,
    rule: barrier(state, e, d)!,
  }));
  return { expert: state.problem.experts[e]!.id, devices };
}
