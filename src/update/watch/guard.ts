/**
 * Batches from which nothing is learnt, since their rows are not what the model's rows are: a
 * column in other units, a target that stands still, levels in another spelling.
 *
 * Each statistic of a batch is compared with the same statistic of the training rows, which the
 * bundle keeps; a bundle without them (of an earlier version) is guarded by levels and by a target
 * that stands still alone. A batch is refused only if chance hardly makes one like it.
 */
import {
  type ColumnStatistics,
  type Preprocessing,
  statisticsOf,
  type Table,
  type UnknownLevels,
  unknownLevels,
} from "../../data/index.ts";
import { binomialTail } from "../../metrics/index.ts";

/** A column's size that is this many times what it was, or this part of it. */
const JUMP = 100;
/** A batch that chance makes less often than this is refused. */
const CHANCE = 1e-4;
/** Rows with one value, and cells with an unknown level, have at least this probability. */
const LEAST_SHARE = 0.05;
/** The probability of rows with one value where it is not kept. */
const USUAL_COMMONEST = 0.5;
/** A value is frequent if this share of the training rows held it. */
const FREQUENT = 0.2;
/** Of the bundle's quantiles: how much lies outside the outer ones, and between the inner ones. */
const OUTSIDE = 0.1;
const INSIDE = 0.5;

/** Why nothing is learnt, a sentence each with what to do; empty if nothing is odd. */
export function oddColumns(
  preprocessing: Preprocessing,
  table: Table,
  y: Float64Array,
): readonly string[] {
  const { statistics = [], target } = preprocessing;
  const columns = [
    ...table.columns.flatMap((column) => (column.type === "number" ? [column] : [])),
    { name: target.name, values: y },
  ];
  const units = columns.flatMap(({ name, values }) => {
    const before = statistics.find((one) => one.name === name);
    return before === undefined ? [] : otherUnits(before, values);
  });
  const unknown = unknownLevels(preprocessing, table).filter(({ nCells, nUnknown }) => {
    return binomialTail(nCells, LEAST_SHARE, nUnknown) < CHANCE;
  });
  const targets = [...stillTarget(preprocessing, y), ...withoutLogarithm(preprocessing, y)];
  return [...units, ...targets, ...unknown.map(otherSpelling)];
}

/** A column that has grown or shrunk a hundredfold. */
function otherUnits(before: ColumnStatistics, values: Float64Array): readonly string[] {
  const present = values.filter((value) => !Number.isNaN(value));
  const now = statisticsOf(before.name, present);
  const size = sizeOf(before);
  // Most training rows held 0, which is 0 in any unit: weeks of rain are no other unit.
  if (size === 0) return [];
  const ratio = sizeOf(now) / size;
  if (!(ratio > JUMP || ratio < 1 / JUMP)) return [];
  if (!isSurprising(before, present)) return [];
  const found = `about ${ratio.toPrecision(2)} times as large as in training`;
  return [`column "${before.name}": values are ${found}; check its units`];
}

/** Middle and width of the middle half together; NaN without values. */
function sizeOf({ quantiles: [, low, middle, high] }: ColumnStatistics): number {
  if (low === undefined || middle === undefined || high === undefined) return Number.NaN;
  return Math.hypot(middle, high - low);
}

/** Whether the values lie outside of where 90 % lay, or within the middle half, beyond chance. */
function isSurprising({ quantiles }: ColumnStatistics, values: Float64Array): boolean {
  const [least, low, , high, most] = quantiles;
  const nOutside = values.filter((value) => value < least! || value > most!).length;
  const nInside = values.filter((value) => value > low! && value < high!).length;
  const n = values.length;
  return binomialTail(n, OUTSIDE, nOutside) < CHANCE || binomialTail(n, INSIDE, nInside) < CHANCE;
}

/** A target that stands still: most rows hold one value, which few training rows did. */
function stillTarget({ target, statistics = [] }: Preprocessing, y: Float64Array): string[] {
  const { commonest } = statisticsOf(target.name, y);
  if (commonest === null) return [];
  const before = statistics.find(({ name }) => name === target.name);
  const usual = before?.commonest;
  // A value that was frequent may come in a row: no rain for weeks, no sun by night.
  if (usual?.value === commonest.value && usual.share >= FREQUENT) return [];
  const share = before === undefined ? USUAL_COMMONEST : Math.max(LEAST_SHARE, usual?.share ?? 0);
  const nEqual = Math.round(commonest.share * y.length);
  if (nEqual <= y.length / 2) return [];
  if (binomialTail(y.length, Math.min(1 - CHANCE, share), nEqual) >= CHANCE) return [];
  const found = `${nEqual} of ${y.length} rows hold the value ${commonest.value}`;
  return [`target "${target.name}": ${found}, as training rows did not; check what measures it`];
}

/** Targets of a model that learns logarithms, and which have none. */
function withoutLogarithm({ target }: Preprocessing, y: Float64Array): readonly string[] {
  if (target.transform === undefined) return [];
  const refused = y.filter((value) => !(value > 0));
  if (refused.length === 0) return [];
  const example = `${refused[0]} for example`;
  const found = `${refused.length} of ${y.length} rows hold no positive value, ${example}`;
  const why = "the model learns the target's logarithm";
  return [`target "${target.name}": ${found}; ${why}; fit again without it`];
}

function otherSpelling({ column, nCells, nUnknown, example }: UnknownLevels): string {
  const found = `${nUnknown} of ${nCells} cells hold levels that training rows did not have`;
  return `column "${column}": ${found}, for example "${example}"; check its spelling`;
}
