/**
 * Which parts of a model may be downloaded.
 *
 * A Gaussian process and an SVM gate hold training rows, trees and forests hold their targets:
 * a client that downloads one has them. Nets, ridges and the other gates hold sums over rows.
 */
import type { ShipKind } from "../shared/choices.ts";
import type { ExpertEntry } from "./expert-schema.ts";
import type { GateEntry } from "./gate-schema.ts";
import type { Manifest } from "./schema.ts";

export type Shipping = ReadonlySet<ShipKind>;

export function mayShipExpert(entry: ExpertEntry, ship: Shipping): boolean {
  return ship.has(entry.kind === "trees" ? entry.family : entry.kind);
}

/** Nothing is shipped of a model of which no expert may be. */
export function mayShipGate(gate: GateEntry, ship: Shipping): boolean {
  return ship.size > 0 && (gate.kind !== "svm" || ship.has("svm"));
}

/** The blobs of a gate: its parameters and those of its refinements. */
export function gateBlobs(gate: GateEntry): readonly string[] {
  const refinements = gate.kind === "svm" ? (gate.refinements ?? []) : [];
  return [gate.blob, ...refinements.map(({ blob }) => blob)];
}

/** The blobs of a version that may be downloaded. */
export function shippedBlobs({ members }: Pick<Manifest, "members">, ship: Shipping): Set<string> {
  return new Set(
    members.flatMap(({ gate, experts }) => [
      ...(gate !== null && mayShipGate(gate, ship) ? gateBlobs(gate) : []),
      ...experts.filter((entry) => mayShipExpert(entry, ship)).map(({ blob }) => blob),
    ]),
  );
}
