/** The steps from one plan to the next, so that every expert is held somewhere at every moment. */
import { moveSeconds } from "./objective.ts";
import type { Device, Load, Plan } from "./problem.ts";

/** A step: a device loads an expert or, after all loads of that expert, drops it. */
export interface Move {
  readonly action: "load" | "drop";
  readonly expert: string;
  readonly device: string;
  /** Over the device's link; 0 for a drop. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * The steps in a safe order: each expert's loads before its drops.
 *
 * @param before - null if no device holds anything yet.
 */
export function movesBetween(
  before: Plan | null,
  after: Plan,
  { experts, devices }: { readonly experts: readonly Load[]; readonly devices: readonly Device[] },
): readonly Move[] {
  return after.flatMap((places, e): readonly Move[] => {
    const was = before?.[e] ?? [];
    const expert = experts[e]!;
    const loads = places
      .filter((d) => !was.includes(d))
      .map((d): Move => {
        const device = devices[d]!;
        const seconds = moveSeconds(expert, device);
        return {
          action: "load",
          expert: expert.id,
          device: device.name,
          bytes: expert.bytes,
          seconds,
        };
      });
    const drops = was
      .filter((d) => !places.includes(d))
      .map((d): Move => {
        const device = devices[d]!.name;
        return { action: "drop", expert: expert.id, device, bytes: 0, seconds: 0 };
      });
    return [...loads, ...drops];
  });
}
