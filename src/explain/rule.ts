/**
 * A regime as a short rule: "x1 < 0, or x1 ≥ 2 and colour is red".
 *
 * At most two conjunctions of at most three conditions, with the largest overlap with the regime's
 * training rows. Rules use the user's columns, not the preprocessed ones; a missing number meets
 * only conditions that say so.
 */
import type { Preprocessing, Table } from "../data/index.ts";
import type { TreeGate } from "../gate/index.ts";
import { type BlockedColumn, blockColumns, isOrdered } from "./blocks.ts";
import { bestConjunction, type Conjunction, forEachRow, type Scene } from "./conjunctions.ts";
import type { Condition, Rule } from "./explanation.ts";
import { roundBetween, sampleOf, sixDigits } from "./numbers.ts";
import { treeAlternatives } from "./tree-rule.ts";

const MAX_ALTERNATIVES = 2;
/** Least overlap that a second alternative must add. */
const MIN_ADDED_OVERLAP = 0.05;
/** Least share of the other regimes' rows that a rule must exclude. */
const MIN_LIFT = 0.2;
/** Most cells that are searched; of more, the search samples rows. */
const MAX_CELLS = 300_000;

/** The data in which the rules of a partition's regimes are searched. */
export interface RuleSearch {
  readonly table: Table;
  readonly preprocessing: Preprocessing;
  /** The regime of each row. Shape (table.nRows,). */
  readonly regimes: Int32Array;
  /** The sampled rows, and their columns. */
  readonly rows: Int32Array;
  readonly columns: readonly BlockedColumn[];
}

export function prepareRules(
  preprocessing: Preprocessing,
  table: Table,
  regimes: Int32Array,
): RuleSearch {
  const { features } = preprocessing;
  const mostRows = Math.max(1, Math.floor(MAX_CELLS / features.length));
  const rows = sampleOf(Int32Array.from(regimes.keys()), mostRows);
  const columns = blockColumns(table, features, rows);
  return { table, preprocessing, regimes, rows, columns };
}

/** The rule of a tree gate for one regime; null if it is long or covers all rows. */
export function readRule(search: RuleSearch, gate: TreeGate, regime: number): Rule | null {
  const alternatives = treeAlternatives(gate, search.preprocessing.features, regime);
  return alternatives && measureRule(search, regime, alternatives);
}

/** The rule for one regime; null if it has all rows or none, or no rule separates it. */
export function findRule(search: RuleSearch, regime: number): Rule | null {
  const { rows, columns, regimes } = search;
  const isRegime = Uint8Array.from(rows, (i) => (regimes[i] === regime ? 1 : 0));
  const nRegime = isRegime.reduce((sum, is) => sum + is, 0);
  if (nRegime === 0 || nRegime === rows.length) return null;
  let scene: Scene = {
    columns,
    isRegime,
    rows: Int32Array.from(rows.keys()),
    task: { nRegime, before: { hits: 0, misses: 0 } },
  };
  const alternatives: Conjunction[] = [];
  let reached = 0;
  for (let a = 0; a < MAX_ALTERNATIVES; a++) {
    const best = bestConjunction(scene);
    if (best === null || best.overlap < reached + MIN_ADDED_OVERLAP) break;
    alternatives.push(best.conjunction);
    reached = best.overlap;
    scene = withoutDescribed(scene, best.conjunction);
  }
  const told = alternatives.map((conjunction) => conditionsOf(columns, conjunction));
  const rule = measureRule(search, regime, told);
  const share = nRegime / rows.length;
  return rule.purity >= share + MIN_LIFT * (1 - share) ? rule : null;
}

function withoutDescribed(scene: Scene, conjunction: Conjunction): Scene {
  const described = new Set<number>();
  const before = { ...scene.task.before };
  forEachRow(scene, conjunction, (i) => {
    described.add(i);
    before[scene.isRegime[i] === 1 ? "hits" : "misses"] += 1;
  });
  const rows = scene.rows.filter((i) => !described.has(i));
  return { ...scene, rows, task: { ...scene.task, before } };
}

function conditionsOf(
  columns: readonly BlockedColumn[],
  conjunction: Conjunction,
): readonly Condition[] {
  const inOrder = [...conjunction].sort(([a], [b]) => a - b);
  return inOrder.map(([c, allowed]) => {
    const column = columns[c]!;
    return isOrdered(column) ? numberCondition(column, allowed) : levelsCondition(column, allowed);
  });
}

function numberCondition(
  { feature, values, sizes }: BlockedColumn,
  allowed: Uint8Array,
): Condition {
  const numbers = values as Float64Array;
  const last = numbers.length;
  const first = allowed.indexOf(1);
  if (first === last) return { kind: "missing", feature, missing: true };
  const final = allowed.lastIndexOf(1, last - 1);
  if (first === 0 && final === last - 1) return { kind: "missing", feature, missing: false };
  return {
    kind: "range",
    feature,
    from: first === 0 ? null : roundBetween(numbers[first - 1]!, numbers[first]!),
    to: final === last - 1 ? null : roundBetween(numbers[final]!, numbers[final + 1]!),
    orMissing: allowed[last] === 1 && sizes[last]! > 0,
  };
}

/** Names the shorter list: the levels inside, or those outside. */
function levelsCondition(
  { feature, values, sizes }: BlockedColumn,
  allowed: Uint8Array,
): Condition {
  const met = [...sizes.keys()].filter((b) => sizes[b]! > 0);
  const inside = met.filter((b) => allowed[b] === 1);
  const outside = met.filter((b) => allowed[b] === 0);
  const among = inside.length <= outside.length;
  const named = among ? inside : outside;
  const levels = named.map((b) => (values as readonly string[])[b] ?? null);
  return { kind: "levels", feature, levels, among };
}

/** Purity and coverage over all rows, including those that the search did not sample. */
function measureRule(
  { preprocessing, table, regimes }: RuleSearch,
  regime: number,
  alternatives: Rule["alternatives"],
): Rule {
  const described = describedRows({ alternatives }, preprocessing, table);
  let [both, nDescribed, nRegime] = [0, 0, 0];
  regimes.forEach((own, i) => {
    nDescribed += described[i]!;
    if (own !== regime) return;
    nRegime += 1;
    both += described[i]!;
  });
  const share = (all: number): number => (all === 0 ? 0 : sixDigits(both / all));
  return { alternatives, purity: share(nDescribed), coverage: share(nRegime) };
}

/** 1 for each row that the rule describes. Shape (table.nRows,). */
export function describedRows(
  { alternatives }: Pick<Rule, "alternatives">,
  preprocessing: Preprocessing,
  table: Table,
): Uint8Array {
  const tests = alternatives.map((conditions) =>
    conditions.map((condition) => testOf(condition, preprocessing, table)),
  );
  return Uint8Array.from({ length: table.nRows }, (_, i) =>
    tests.some((conditions) => conditions.every((meets) => meets(i))) ? 1 : 0,
  );
}

function testOf(
  condition: Condition,
  { features }: Preprocessing,
  table: Table,
): (row: number) => boolean {
  const { values } = table.columns.find(({ name }) => name === condition.feature)!;
  if (condition.kind === "levels") {
    const feature = features.find(({ name }) => name === condition.feature)!;
    const known = new Set(feature.type === "category" ? feature.levels : []);
    const named = new Set(condition.levels);
    return (i) => {
      const level = values[i] == null ? null : String(values[i]);
      return named.has(level !== null && known.has(level) ? level : null) === condition.among;
    };
  }
  const numberAt = (i: number): number => (values[i] === null ? Number.NaN : Number(values[i]));
  if (condition.kind === "missing") return (i) => Number.isNaN(numberAt(i)) === condition.missing;
  const { from, to, orMissing } = condition;
  return (i) => {
    const value = numberAt(i);
    if (Number.isNaN(value)) return orMissing;
    return (from === null || value >= from) && (to === null || value < to);
  };
}
