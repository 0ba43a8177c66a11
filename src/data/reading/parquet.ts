/**
 * Parquet to named columns of cells. A column has its own type, as in Arrow: texts that look like
 * numbers stay categories. hyparquet decodes, on a thread that a damaged file cannot leave.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { Type, tableFromIPC } from "@uwdata/flechette";
import { BailiwickError } from "../../shared/errors.ts";
import { checkExtent, MAX_ARROW_CELLS } from "../limits.ts";
import type { ColumnType } from "../table.ts";
import { dayText, timestampText } from "./arrow-cells.ts";
import {
  PARQUET_PROGRAM,
  type ParquetAnswer,
  type ParquetColumn,
  type ParquetTask,
} from "./parquet-thread.ts";
import { checkColumns, placeOfRow, type RawColumn, type RawTable } from "./raw-table.ts";

const MAGIC = "PAR1";
const ENCRYPTED_MAGIC = "PARE";
const MAX_UNPACKED_BYTES = 2_000_000_000;
const MAX_HEAP_MB = 4096;
const DAY_MS = 86_400_000;
/** Whole numbers are exact below this, by a float's precision. */
const EXACT_BELOW: Readonly<Record<string, number>> = { FLOAT: 2 ** 24, DOUBLE: 2 ** 53 };
/** Powers of a thousand in a second. */
const UNITS: Readonly<Record<string, number>> = { MILLIS: 1, MICROS: 2, NANOS: 3 };

/**
 * @throws DATA_MALFORMED if it is no Parquet, cut, damaged or encrypted; DATA_EMPTY without rows or
 *   columns; DATA_TOO_LARGE; COLUMN_TYPE naming a column that is nested or binary;
 *   COLUMN_DUPLICATE.
 */
export async function parseParquet(bytes: Uint8Array): Promise<RawTable> {
  checkWhole(bytes);
  const answer = await decode(bytes);
  if ("tooLarge" in answer) {
    const message = `a Parquet file must have ${answer.tooLarge}`;
    throw new BailiwickError("DATA_TOO_LARGE", message);
  }
  if ("damage" in answer) throw malformed(`must be whole, it is damaged: ${answer.damage}`);
  checkExtent(answer.nRows, answer.columns.length, MAX_ARROW_CELLS);
  const powers = durationPowers(answer.arrowSchema);
  const columns = answer.columns.map((column): RawColumn => {
    const read = () => readCells(column, powers.get(column.name));
    return { name: column.name, length: answer.nRows, read };
  });
  checkColumns(columns);
  return { columns, placeOf: placeOfRow };
}

function malformed(what: string, cause?: unknown): BailiwickError {
  return new BailiwickError("DATA_MALFORMED", `a Parquet file ${what}`, {}, cause);
}

/** A file cut anywhere lacks its end. */
function checkWhole(bytes: Uint8Array): void {
  if (bytes.length === 0) {
    throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  }
  const magic = (start: number, end?: number): string =>
    Buffer.from(bytes.subarray(start, end)).toString("latin1");
  if (magic(-4) === ENCRYPTED_MAGIC) throw malformed("must not be encrypted");
  if (magic(0, 4) !== MAGIC || magic(-4) !== MAGIC || bytes.length < 12) {
    throw malformed(`must begin and end with ${MAGIC}, this one is another or cut`);
  }
}

async function decode(bytes: Uint8Array): Promise<ParquetAnswer> {
  const { resolve } = createRequire(import.meta.url);
  const workerData: ParquetTask = {
    hyparquet: resolve("hyparquet"),
    compressors: resolve("hyparquet-compressors"),
    bytes,
    maxBytes: MAX_UNPACKED_BYTES,
    maxCells: MAX_ARROW_CELLS,
  };
  const resourceLimits = { maxOldGenerationSizeMb: MAX_HEAP_MB };
  const worker = new Worker(PARQUET_PROGRAM, { eval: true, workerData, resourceLimits });
  return new Promise((answered) => {
    worker.once("message", answered);
    worker.once("error", (cause) => answered({ damage: cause.message }));
    worker.once("exit", () => answered({ damage: "its decoding ended" }));
  });
}

/**
 * Parquet has no durations: writers keep whole numbers, and their units in the Arrow schema.
 *
 * @returns the power of a thousand in a second by column.
 */
function durationPowers(arrowSchema: string): ReadonlyMap<string, number> {
  const powers = new Map<string, number>();
  if (arrowSchema === "") return powers;
  try {
    const { fields } = tableFromIPC(Buffer.from(arrowSchema, "base64")).schema;
    for (const { name, type } of fields) {
      if (type.typeId === Type.Duration) powers.set(name, type.unit);
    }
    return powers;
  } catch (cause) {
    throw malformed("must have an ARROW:schema that can be read", cause);
  }
}

function readCells(
  column: ParquetColumn,
  durationPower: number | undefined,
): ReturnType<RawColumn["read"]> {
  const { name, physical, cells } = column;
  if (cells === null) {
    const message = `column "${name}" holds lists, records or bytes; cast or drop it`;
    throw new BailiwickError("COLUMN_TYPE", message, { column: name });
  }
  const { type, convert } =
    durationPower === undefined ? readingOf(column) : seconds(durationPower);
  const exactBelow = EXACT_BELOW[physical];
  const converted =
    convert === undefined ? cells : cells.map((cell) => (cell === null ? null : convert(cell)));
  return { cells: converted, type, ...(exactBelow === undefined ? {} : { exactBelow }) };
}

interface Reading {
  readonly type: ColumnType | "date";
  readonly convert?: (cell: unknown) => unknown;
}

const seconds = (power: number): Reading => {
  return { type: "number", convert: (cell) => Number(cell) / 1000 ** power };
};

/** What a column's type makes of its cells; an unknown type gives texts. */
function readingOf({ name, physical, logical, unit }: ParquetColumn): Reading {
  const [, kind = logical, written = unit] = /^(TIME|TIMESTAMP)_(\w+)$/.exec(logical) ?? [];
  const power = UNITS[written] ?? 1;
  if (kind === "DATE") {
    return { type: "date", convert: (cell) => dayText(name, Number(cell) * DAY_MS) };
  }
  if (kind === "TIMESTAMP" || physical === "INT96") {
    const of = physical === "INT96" ? 3 : power;
    return { type: "date", convert: (cell) => timestampText(name, cell, of) };
  }
  if (kind === "TIME") return seconds(power);
  const isText = physical === "BYTE_ARRAY" && kind !== "DECIMAL";
  if (isText || physical === "BOOLEAN" || kind === "UUID") return { type: "category" };
  return { type: "number" };
}
