/**
 * Rows that differ from the training rows: columns that were constant there and have another value,
 * columns of which most cells hold levels that training did not have. Every answer to such rows
 * says so; the log says it once for each column of a version, without the rows' content.
 */
import type { FastifyBaseLogger } from "fastify";
import { type Preprocessing, type Table, unlikeTraining } from "../data/index.ts";

/** A model of many columns must not make an answer long. */
const MAX_WARNINGS = 20;

export interface RowWatch {
  /**
   * A sentence for each column that differs.
   *
   * @throws COLUMN_MISSING for a table that lacks a column of the model.
   */
  warningsOf(table: Table, log: Pick<FastifyBaseLogger, "warn">): readonly string[];
}

/** The model's name and its version, for the log. */
interface Watched {
  readonly model: string;
  readonly version: string;
}

/** null for a model of which no column can differ in this way. */
export function watchRows(preprocessing: Preprocessing, watched: Watched): RowWatch | null {
  const canDiffer = preprocessing.features.some(
    ({ type, constant }) => type === "category" || constant !== undefined,
  );
  if (!canDiffer) return null;
  const logged = new Set<string>();
  return {
    warningsOf: (table, log) => {
      const unlike = unlikeTraining(preprocessing, table);
      for (const { column, what } of unlike) {
        const key = JSON.stringify([column, what]);
        if (logged.has(key)) continue;
        logged.add(key);
        log.warn({ ...watched, column, what }, "rows differ from the training rows");
      }
      const warnings = unlike.slice(0, MAX_WARNINGS).map(({ warning }) => warning);
      const nMore = unlike.length - warnings.length;
      return nMore === 0 ? warnings : [...warnings, `${nMore} more columns differ`];
    },
  };
}
