/** What a fit did with each column of the user's table, in few words. */
import {
  type Column,
  type ColumnReading,
  type Feature,
  levelsOf,
  type Preprocessing,
} from "../data/index.ts";
import { count } from "../shared/wording.ts";
import type { DataTable } from "./rows.ts";

export interface ColumnUse {
  readonly column: string;
  /** How its cells were read: "number", "number (kg)", "category", "date". */
  readonly readAs: string;
  /** "target", "group", "left out" with its reason, or which features come from it. */
  readonly usedAs: string;
}

/** One entry for each column, in the table's order. */
export function columnUses({ table, ...roles }: DataTable, learnt: Preprocessing): ColumnUse[] {
  const { readings = [] } = table;
  return table.columns.map((column) => {
    const reading = readings.find((own) => own.column === column.name);
    const readAs = describeReading(column, reading);
    return { column: column.name, readAs, usedAs: describeUse(column, roles, learnt) };
  });
}

function describeReading({ type }: Column, reading: ColumnReading | undefined): string {
  if (reading?.isDate === true) return "date";
  const unit = reading?.unit === undefined ? [] : [reading.unit];
  const comma = reading?.decimal === undefined ? [] : ["decimal comma"];
  const how = [...unit, ...comma].join(", ");
  return how === "" ? type : `${type} (${how})`;
}

function describeUse(
  column: Column,
  { target, group, drop }: Pick<DataTable, "target" | "group" | "drop">,
  { features, target: { transform } }: Preprocessing,
): string {
  const { name } = column;
  if (name === target) return transform === undefined ? "target" : "target, its logarithm";
  if (name === group) return "group";
  const used = features.filter((feature) => sourceOf(feature) === name);
  if (drop.includes(name) || used.length === 0) {
    const isEmpty = column.values.every((value) => value === null || Number.isNaN(value));
    return isEmpty ? "left out: no values" : "left out";
  }
  if (used.every(({ constant }) => constant !== undefined)) {
    return `no effect: ${used[0]!.constant}`;
  }
  return used.map((feature) => describeFeature(feature, column)).join(", ");
}

function sourceOf(feature: Feature): string {
  return feature.type === "number" ? (feature.from?.column ?? feature.name) : feature.name;
}

function describeFeature(feature: Feature, column: Column): string {
  if (feature.type === "category") {
    const levels = new Set<unknown>(column.values);
    levels.delete(null);
    const kept = feature.levels.length;
    return kept === levels.size ? count(kept, "level") : `${kept} of ${levels.size} levels`;
  }
  const { from, indicator, codes = [] } = feature;
  if (from !== undefined && "part" in from) return from.part;
  if (levelsOf(feature) !== undefined) return "effect of each level";
  const missing = indicator ? ["missing cells marked"] : [];
  const coded = codes.length === 0 ? [] : [`${codes.join(", ")} as missing`];
  return ["feature", ...missing, ...coded].join(", ");
}
