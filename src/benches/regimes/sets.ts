/**
 * The sets of the regimes bench, divided into training and test rows.
 *
 * Generated sets: both parts drawn from separate seeds. Sets from files: rows drawn at random.
 * A set's true regimes and noise go along, to be compared with the regimes found; what
 * is fitted never sees it.
 */
import {
  GENERATORS,
  type GeneratedSet,
  type GeneratorName,
  generate,
  listDatasets,
  openData,
  type SelectedTarget,
  selectFrom,
  selectTarget,
  type Table,
} from "../../data/index.ts";
import type { TrainingTable } from "../../mixture/index.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import { corruptTargets } from "../accuracy/corrupt-targets.ts";

/** One set, divided by one seed. */
export interface RegimeCase {
  readonly set: string;
  readonly seed: number;
  readonly train: TrainingTable;
  readonly test: { readonly features: Table; readonly y: Float64Array };
  /** The regimes of the test rows; null if unknown. */
  readonly truth: { readonly regimes: Int32Array; readonly nRegimes: number } | null;
  /** null if unknown. */
  readonly noiseVariance: number | null;
}

/** Of a set from a file: a feature's sign decides the regime of a row. */
interface SignRule {
  readonly feature: string;
  readonly noiseVariance: number;
}

/** Breiman, Friedman, Olshen & Stone 1984 made both: two planes, switched by a feature of ±1. */
const SIGN_RULES: Readonly<Record<string, SignRule>> = {
  "pw-linear": { feature: "a1", noiseVariance: 2 },
  "two-planes": { feature: "x1", noiseVariance: 1 },
};
/** Many rows of `five`, with features that its regimes do not depend on. */
const LARGE: Readonly<Record<string, { readonly nRows: number; readonly nFeatures: number }>> = {
  "five-20000x6": { nRows: 20_000, nFeatures: 6 },
  "five-200000x10": { nRows: 200_000, nFeatures: 10 },
};
export const LARGE_SETS: readonly string[] = Object.keys(LARGE);
const LARGE_TEST_ROWS = 5000;
/** No gate can route these: one regime, or two at every x. */
const UNROUTABLE: readonly string[] = ["crest", "overlap", "nodata", "tonedata"];

/** A set of few rows keeps this share of them for the test. */
const TEST_SHARE = 0.2;

/** The available sets: generated ones, those of the package, and those of a mirror. */
export async function regimeSets(mirror: string | undefined): Promise<readonly string[]> {
  const atHand = (await listDatasets({ mirror })).map(({ name }) => name);
  const fromFiles = ["nodata", "tonedata", ...Object.keys(SIGN_RULES)];
  return [...GENERATORS, ...fromFiles.filter((name) => atHand.includes(name)), ...LARGE_SETS];
}

/** Whether the set is fitted once, by the first seed, to see what many rows cost. */
export function isLarge(set: string): boolean {
  return set in LARGE;
}

/** Whether the set has regimes that a gate could tell apart by x. */
export function isRoutable(set: string): boolean {
  return !UNROUTABLE.includes(set);
}

export interface CaseOptions {
  readonly seed: number;
  /** Training rows, and as many test rows, where the set has them. */
  readonly nRows: number;
  readonly mirror?: string | undefined;
}

/** @throws DATASET_UNKNOWN, and as opening data does. */
export async function createCase(set: string, options: CaseOptions): Promise<RegimeCase> {
  if (isGenerated(set)) return generatedCase(set, options);
  if (isLarge(set)) return largeCase(set, options.seed);
  const { nRows, seed, mirror } = options;
  const selected = selectFrom(await openData(set, { mirror }), {});
  const rows = Int32Array.from(selected.y.keys());
  shuffle(rows, createRng(childSeed(seed, `rows of ${set}`)));
  const nTest = Math.min(nRows, Math.round(TEST_SHARE * rows.length));
  const test = takeRows(selected, rows.subarray(0, nTest));
  const train = takeRows(selected, rows.subarray(nTest, nTest + nRows));
  const rule = SIGN_RULES[set];
  return {
    set,
    seed,
    train,
    test,
    truth: rule === undefined ? null : { regimes: signs(test.features, rule), nRegimes: 2 },
    noiseVariance: rule?.noiseVariance ?? null,
  };
}

/** The feature whose sign decides a row's regime; null where that is not so. */
export function decidingFeature(set: string): string | null {
  return SIGN_RULES[set]?.feature ?? null;
}

export function isGenerated(set: string): set is GeneratorName {
  return GENERATORS.includes(set as GeneratorName);
}

function generatedCase(set: GeneratorName, { nRows, seed }: CaseOptions): RegimeCase {
  const train = generate(set, { nRows, seed });
  const test = generate(set, { nRows, seed: childSeed(seed, "test rows") });
  return {
    set,
    seed,
    train: selectY(train),
    test: selectY(test),
    truth: { regimes: test.regimes, nRegimes: test.nRegimes },
    noiseVariance: test.noiseVariance,
  };
}

/** Further features are uniform. Each adds to the target by a factor that falls with its place. */
function largeCase(set: string, seed: number): RegimeCase {
  const { nRows, nFeatures } = LARGE[set]!;
  const part = (name: string, n: number): { made: GeneratedSet; table: TrainingTable } => {
    const childOfSet = childSeed(seed, `${set} ${name}`);
    const made = generate("five", { nRows: n, seed: childOfSet });
    return { made, table: withFurther(selectY(made), nFeatures, childSeed(childOfSet, "further")) };
  };
  const train = part("training rows", nRows);
  const { made, table: test } = part("test rows", LARGE_TEST_ROWS);
  const truth = { regimes: made.regimes, nRegimes: made.nRegimes };
  return { set, seed, train: train.table, test, truth, noiseVariance: made.noiseVariance };
}

function withFurther(table: TrainingTable, nFeatures: number, seed: number): TrainingTable {
  const rng = createRng(seed);
  const { nRows, columns } = table.features;
  const further = Array.from({ length: nFeatures - columns.length }, (_, j) => ({
    ...columns[0]!,
    name: `x${columns.length + j + 1}`,
    type: "number" as const,
    values: Float64Array.from({ length: nRows }, () => 4 * rng.uniform() - 2),
  }));
  const y = table.y.map((value, i) =>
    further.reduce((sum, { values }, j) => sum + values[i]! / (j + 2), value),
  );
  return { ...table, features: { nRows, columns: [...columns, ...further] }, y };
}

function selectY({ table }: GeneratedSet): TrainingTable {
  return selectTarget(table, "y");
}

function takeRows(
  { features, targetName, y }: SelectedTarget,
  rows: Int32Array,
): TrainingTable & RegimeCase["test"] {
  const columns = features.columns.map((column) =>
    column.type === "number"
      ? { ...column, values: Float64Array.from(rows, (i) => column.values[i]!) }
      : { ...column, values: Array.from(rows, (i) => column.values[i]!) },
  );
  return {
    features: { nRows: rows.length, columns },
    targetName,
    y: Float64Array.from(rows, (i) => y[i]!),
    groups: null,
  };
}

function signs({ columns }: Table, { feature }: SignRule): Int32Array {
  const { values } = columns.find(({ name }) => name === feature)!;
  return Int32Array.from(values as ArrayLike<number>, (value) => (value >= 0 ? 1 : 0));
}

/** The same case with corrupted training targets: the test rows stay clean. */
export function corruptCase(own: RegimeCase, share: number): RegimeCase {
  const rng = createRng(childSeed(own.seed, "corrupted targets"));
  const rows = Int32Array.from(own.train.y.keys());
  return { ...own, train: { ...own.train, y: corruptTargets(own.train.y, rows, share, rng) } };
}
