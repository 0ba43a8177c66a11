/** The last rows of each regime, kept in memory: old rows for a stream that keeps no store. */
import type { Column } from "../../data/index.ts";
import type { TrainingTable } from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { LawChange } from "./append-rows.ts";
import type { OldRows } from "./old-rows.ts";

export interface MemoryRows extends OldRows {
  /** Adds rows; the oldest of a regime that has too many are dropped, and those of other laws. */
  add(rows: TrainingTable, regimes: ArrayLike<number>, laws?: readonly LawChange[]): void;
}

/** @param limit - Rows of a regime. */
export function createMemoryRows(limit: number): MemoryRows {
  const kept: (TrainingTable | null)[] = [];
  return {
    get counts() {
      return kept.map((table) => table?.y.length ?? 0);
    },
    read: async (regime) => kept[regime] ?? null,
    add(rows, regimes, laws = []) {
      const nRegimes = Array.from(regimes).reduce((most, k) => Math.max(most, k + 1), kept.length);
      for (let k = 0; k < nRegimes; k++) {
        const ofRegime = [...rows.y.keys()].filter((i) => regimes[i] === k);
        const added = takeTable(rows, ofRegime);
        const before = kept[k] ?? null;
        const all = before === null ? added : joinTables(before, added);
        const law = laws.find(({ regime }) => regime === k);
        const nOwn =
          law === undefined ? limit : law.nEarlier + ofRegime.filter((i) => i >= law.row).length;
        const from = Math.max(0, all.y.length - Math.min(limit, nOwn));
        const last = Array.from({ length: all.y.length - from }, (_, i) => from + i);
        kept[k] = last.length === 0 ? null : takeTable(all, last);
      }
    },
  };
}

/** Rows of a table, in the given order. */
export function takeTable(
  { features, targetName, y }: TrainingTable,
  rows: readonly number[],
): TrainingTable {
  const columns = features.columns.map((column) =>
    column.type === "number"
      ? { ...column, values: Float64Array.from(rows, (i) => column.values[i]!) }
      : { ...column, values: rows.map((i) => column.values[i]!) },
  );
  return {
    features: { nRows: rows.length, columns },
    targetName,
    y: Float64Array.from(rows, (i) => y[i]!),
    groups: null,
  };
}

/** Rows of `a`, then those of `b`, in the columns of `a`. */
export function joinTables(a: TrainingTable, b: TrainingTable): TrainingTable {
  const columns = a.features.columns.map((column) => {
    const other = b.features.columns.find(({ name }) => name === column.name);
    return other === undefined ? column : joinColumns(column, other);
  });
  const y = Float64Array.from([...a.y, ...b.y]);
  return { features: { nRows: y.length, columns }, targetName: a.targetName, y, groups: null };
}

/** Columns of one model have one type. */
function joinColumns(a: Column, b: Column): Column {
  if (a.type === "number" && b.type === "number") {
    return { ...a, values: Float64Array.from([...a.values, ...b.values]) };
  }
  if (a.type === "category" && b.type === "category") {
    return { ...a, values: [...a.values, ...b.values] };
  }
  throw new BailiwickError("COLUMN_TYPE", `column "${a.name}" must have one type`, {
    column: a.name,
  });
}
