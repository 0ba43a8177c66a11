/**
 * What may cross the border of a zone: one table, asked at every way out.
 *
 * For every class of rows and everything that is made of them, and for every kind of expert, it
 * names zones and how things may go there. A zone that is not named gets nothing; "*" names all
 * others.
 */
import type { VerifierKey } from "../witness/index.ts";

/** How something may go to a zone. */
export type Passage = "clear" | "sealed" | "never";

/** By zone; "*" for the zones that are not named. */
export type Passages = Readonly<Record<string, Passage>>;

/**
 * What is made of rows: the rows as they came, their inputs after preprocessing, what layers of a
 * net make of inputs, answers of experts, sums over rows.
 */
export const THINGS = ["rows", "inputs", "activations", "answers", "sums"] as const;
export type Thing = (typeof THINGS)[number];
export type ClassBorders = Readonly<Record<Thing, Passages>>;

export interface Borders {
  /** Of zones; a sealed thing goes to nodes whose key one of them has signed. */
  readonly zoneKeys: readonly VerifierKey[];
  /** By class; "*" for rows of no class, which may go anywhere without it. */
  readonly classes: ReadonlyMap<string, ClassBorders>;
  /** By kind; "*" for kinds that are not named. Empty: all may go anywhere. */
  readonly experts: ReadonlyMap<string, Passages>;
}

export const NO_BORDERS: Borders = { zoneKeys: [], classes: new Map(), experts: new Map() };

export function passageTo(passages: Passages, zone: string): Passage {
  return passages[zone] ?? passages["*"] ?? "never";
}

/** Zones that something may go to; null for any. */
export function zonesOf(passages: Passages): readonly string[] | null {
  if (passageTo(passages, "*") !== "never") return null;
  return Object.keys(passages).filter((zone) => passages[zone] !== "never");
}

/** Zones that an expert of a kind may go to; null for any. */
export function expertZones({ experts }: Borders, kind: string): readonly string[] | null {
  if (experts.size === 0) return null;
  return zonesOf(experts.get(kind) ?? experts.get("*") ?? {});
}

/** How rows may be asked about in a zone, with answers that come back to another. */
export function passageOfAsking(
  { inputs, answers }: ClassBorders,
  there: string,
  here: string,
): Passage {
  const ways = [passageTo(inputs, there), passageTo(answers, here)];
  if (ways.includes("never")) return "never";
  return ways.includes("sealed") ? "sealed" : "clear";
}

/** Borders of a class that is kept in zones, and may be sealed on its ways. */
export function pinnedTo(zones: readonly string[] | null, isSealed: boolean): ClassBorders {
  const within = (passage: Passage): Passages =>
    Object.fromEntries((zones ?? ["*"]).map((zone) => [zone, passage]));
  const asked = within(isSealed ? "sealed" : "clear");
  const inClear = within("clear");
  const left = isSealed ? {} : inClear;
  return { rows: inClear, inputs: asked, activations: left, answers: asked, sums: left };
}
