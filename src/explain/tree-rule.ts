/**
 * The rule of a regime under a tree gate, read from the tree. Each path to a leaf of the regime's
 * expert is an alternative.
 *
 * A threshold is rounded to few digits within its gap between training values, so that no training
 * row changes sides. Blended scores may route rows near a cut to another expert than the thresholds
 * say; the rule's purity counts them.
 */
import { CLIP, type Feature, featureWidth, unstandardise } from "../data/index.ts";
import type { TreeCut, TreeGate } from "../gate/index.ts";
import type { Condition } from "./explanation.ts";
import { roundBetween } from "./numbers.ts";

/** Most alternatives of a rule. */
const MAX_ALTERNATIVES = 8;

/** A feature's values that reach a node. */
interface Reach {
  readonly from: number | null;
  readonly to: number | null;
  /** For a number: whether it may be missing, and whether it may be present. */
  readonly missing: boolean;
  readonly present: boolean;
  /** For a category: the positions of its levels; the last is for a missing or unknown level. */
  readonly levels: ReadonlySet<number>;
}

type Path = ReadonlyMap<Feature, Reach>;

type NumberFeature = Feature & { readonly type: "number" };
type CategoryFeature = Feature & { readonly type: "category" };

/** A matrix column, and its position among its feature's columns. */
interface Place {
  readonly feature: Feature;
  readonly offset: number;
}

/** The paths to the expert's leaves; null if they are too many, none, or cover all rows. */
export function treeAlternatives(
  gate: TreeGate,
  features: readonly Feature[],
  expert: number,
): readonly (readonly Condition[])[] | null {
  const isFar = gate.nodes.some((node) => "feature" in node && Math.abs(node.threshold) >= CLIP);
  if (isFar) return null;
  const paths = pathsOf(gate, features);
  const ways = gate.nodes.flatMap((node, at) => {
    const path = paths.get(at);
    const isOwn = "expert" in node && node.expert === expert && path !== undefined;
    return isOwn ? [[...path].flatMap(conditionsOf)] : [];
  });
  const isRule = ways.length > 0 && ways.length <= MAX_ALTERNATIVES;
  return isRule && ways.every(({ length }) => length > 0) ? ways : null;
}

/** The values that reach each node, by its number; unreachable nodes are missing. */
function pathsOf({ nodes }: TreeGate, features: readonly Feature[]): ReadonlyMap<number, Path> {
  const places = features.flatMap((feature) =>
    Array.from({ length: featureWidth(feature) }, (_, offset): Place => ({ feature, offset })),
  );
  const paths = new Map<number, Path>([[0, new Map()]]);
  for (const [at, node] of nodes.entries()) {
    const path = paths.get(at);
    if (path === undefined || "expert" in node) continue;
    const place = places[node.feature]!;
    const { feature } = place;
    const reach = path.get(feature) ?? everything(feature);
    const sides = [narrow(reach, place, node, false), narrow(reach, place, node, true)];
    sides.forEach((next, side) => {
      if (next === null) return;
      paths.set(side === 0 ? node.left : node.right, new Map(path).set(feature, next));
    });
  }
  return paths;
}

function everything(feature: Feature): Reach {
  const levels = feature.type === "category" ? feature.levels.length + 1 : 0;
  const missing = feature.type === "number" && feature.indicator;
  return { from: null, to: null, missing, present: true, levels: new Set(Array(levels).keys()) };
}

/** The values that go to one side of a cut; null if there are none. */
function narrow(reach: Reach, place: Place, cut: TreeCut, isRight: boolean): Reach | null {
  const { feature, offset } = place;
  if (feature.type === "category") return narrowLevels(reach, feature, offset, isRight);
  if (offset === 0) return narrowRange(reach, feature, boundOf(feature, cut), isRight);
  const next = isRight ? { ...reach, present: false } : { ...reach, missing: false };
  return next.present || next.missing ? next : null;
}

/** A column of 0 and 1: one level goes right, all others left. */
function narrowLevels(
  reach: Reach,
  { levels: names, closed }: CategoryFeature,
  offset: number,
  isRight: boolean,
): Reach | null {
  // A closed feature's unknown level sets no column, so it is never on a column's right.
  const isNever = closed === true && offset === names.length;
  const levels = [...reach.levels].filter((l) => (l === offset && !isNever) === isRight);
  return levels.length === 0 ? null : { ...reach, levels: new Set(levels) };
}

/** Values below the bound go left; a missing value goes with the median. */
function narrowRange(
  reach: Reach,
  { median }: NumberFeature,
  bound: number,
  isRight: boolean,
): Reach | null {
  const missing = reach.missing && median >= bound === isRight;
  const next = isRight
    ? { ...reach, missing, from: Math.max(bound, reach.from ?? bound) }
    : { ...reach, missing, to: Math.min(bound, reach.to ?? bound) };
  const isEmpty = next.from !== null && next.to !== null && next.from >= next.to;
  if (!isEmpty && next.present) return next;
  return missing ? { ...next, present: false } : null;
}

/** The cut in the user's units: values below it go left. */
function boundOf(feature: NumberFeature, { values, below }: TreeCut): number {
  const above = below.findIndex((share) => share >= 0.5);
  const [low, high] = [values[above - 1]!, values[above]!];
  return roundBetween(unstandardise(feature, low), unstandardise(feature, high));
}

function conditionsOf([feature, reach]: readonly [Feature, Reach]): readonly Condition[] {
  const { name } = feature;
  if (feature.type === "category") return levelsCondition(feature, reach.levels);
  const { from, to, missing, present } = reach;
  if (!present) return [{ kind: "missing", feature: name, missing: true }];
  if (from !== null || to !== null) {
    return [{ kind: "range", feature: name, from, to, orMissing: missing }];
  }
  return missing ? [] : [{ kind: "missing", feature: name, missing: false }];
}

/** Names the shorter list: the levels inside, or those outside. */
function levelsCondition(
  feature: CategoryFeature,
  inside: ReadonlySet<number>,
): readonly Condition[] {
  const outside = [...Array(feature.levels.length + 1).keys()].filter((l) => !inside.has(l));
  if (outside.length === 0) return [];
  const among = inside.size <= outside.length;
  const named = among ? [...inside] : outside;
  const levels = named.map((level) => feature.levels[level] ?? null);
  return [{ kind: "levels", feature: feature.name, levels, among }];
}
