/**
 * Arrow IPC to named columns of cells: the file format (Feather 2 too) and the stream format.
 *
 * An Arrow column has its own type, so that nothing is inferred: texts that look like numbers stay
 * categories, and so does every dictionary. flechette decodes, and trusts the file; the checks here
 * are that the file is whole and that no value lies outside its buffer.
 */
import { type Column, Type, tableFromIPC } from "@uwdata/flechette";
import { BailiwickError } from "../../shared/errors.ts";
import { checkExtent, MAX_ARROW_CELLS } from "../limits.ts";
import { type ArrowType, cellReading } from "./arrow-cells.ts";
import { withCodecs } from "./arrow-codecs.ts";
import { messagesOfFile, messagesOfStream } from "./arrow-metadata.ts";
import {
  checkColumns,
  placeOfRow,
  type RawCells,
  type RawColumn,
  type RawTable,
} from "./raw-table.ts";

/** Whole numbers of 64 bits, moments and decimals are decoded without rounding. */
const DECODING = { useBigInt: true, useBigIntTimestamp: true, useDecimalInt: true };

const FILE_MAGIC = "ARROW1";
const FEATHER1_MAGIC = "FEA1";
/** A message length of 0 after the mark that stands before each. */
const STREAM_END = "ffffffff00000000";

type Batch = Column<unknown>["data"][number];

/**
 * @throws DATA_MALFORMED if it is no Arrow, cut or damaged; DATA_EMPTY without rows or columns;
 *   DATA_TOO_LARGE; COLUMN_TYPE naming a column that is nested or binary; COLUMN_DUPLICATE.
 */
export function parseArrow(bytes: Uint8Array): RawTable {
  if (bytes.length === 0) {
    throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  }
  const isFile = checkWhole(bytes);
  const { table, unsupported } = decoding(() => {
    const messages = isFile ? messagesOfFile(bytes) : messagesOfStream(bytes);
    return {
      table: withCodecs(() => tableFromIPC(messages.parts, DECODING)),
      unsupported: messages.unsupported,
    };
  });
  if (table.schema.endianness === 1) {
    throw malformed("numbers must be little-endian, these are big-endian");
  }
  const nRows = table.children.reduce((most, { length }) => Math.max(most, length), 0);
  checkExtent(nRows, table.children.length, MAX_ARROW_CELLS);
  const columns = table.children.map((column, c): RawColumn => {
    const name = String(table.names[c] ?? "");
    const { length } = column;
    const why = unsupported.get(c);
    if (why !== undefined) return refusedColumn(name, length, why);
    return { name, length, read: () => readColumn(name, column) };
  });
  checkColumns(columns);
  return { columns, placeOf: placeOfRow };
}

function malformed(message: string, cause?: unknown): BailiwickError {
  return new BailiwickError("DATA_MALFORMED", message, {}, cause);
}

/** flechette answers damage with an error of any kind, or with an undefined value. */
function decoding<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof BailiwickError) throw cause;
    throw malformed("it must be a whole Arrow file or stream, it is damaged", cause);
  }
}

/**
 * A file cut anywhere lacks its end, which a stream cut between two messages would not show.
 *
 * @returns true for the file format, false for the stream format.
 */
function checkWhole(bytes: Uint8Array): boolean {
  const text = (start: number, end?: number): string =>
    Buffer.from(bytes.subarray(start, end)).toString("latin1");
  if (text(0, 4) === FEATHER1_MAGIC) {
    throw malformed("a Feather file must be of version 2, this is of version 1");
  }
  if (text(0, FILE_MAGIC.length) === FILE_MAGIC) {
    if (text(-FILE_MAGIC.length) === FILE_MAGIC && bytes.length > 2 * FILE_MAGIC.length)
      return true;
    throw malformed(`an Arrow file must end in ${FILE_MAGIC}, this one is cut`);
  }
  if (Buffer.from(bytes.subarray(-8)).toString("hex") !== STREAM_END) {
    throw malformed("it must be an Arrow file, or a stream with its end, it is neither");
  }
  return false;
}

/** Reads a column: values that the file lacks, or that lie outside their buffers, are damage. */
function readColumn(name: string, column: Column<unknown>): RawCells {
  const { type, exactBelow, convert } = cellReading(name, column.type);
  const cells = decoding(() => {
    column.data.forEach(checkBuffers);
    return column.toArray() as ArrayLike<unknown>;
  });
  const hole = ArrayBuffer.isView(cells) ? -1 : Array.prototype.indexOf.call(cells, undefined);
  if (hole >= 0) {
    throw malformed(`column "${name}" must have a value in ${placeOfRow(hole)}, it is damaged`);
  }
  if (convert === undefined) return { cells, type, exactBelow };
  const converted = Array.from(cells, (cell) => (cell === null ? null : convert(cell)));
  return { cells: converted, type, exactBelow };
}

/** @throws COLUMN_TYPE when the column is read. */
function refusedColumn(name: string, length: number, why: string): RawColumn {
  return {
    name,
    length,
    read: () => {
      const message = `column "${name}" holds ${why}, which are not supported; cast or drop it`;
      throw new BailiwickError("COLUMN_TYPE", message, { column: name });
    },
  };
}

/** @throws if a batch's buffers are shorter than its length, or its texts lie outside them. */
function checkBuffers(batch: Batch): void {
  const { length, nullCount, validity, values, type } = batch;
  if (type.typeId === Type.Null) return;
  if (nullCount > 0 && validity.length * 8 < length) throw new RangeError("validity is cut");
  if (type.typeId === Type.Utf8 || type.typeId === Type.LargeUtf8) checkTexts(batch);
  else if (values.length < minValues(type, length)) throw new RangeError("values are cut");
  if ("dictionary" in batch) (batch.dictionary as Column<unknown>).data.forEach(checkBuffers);
}

/** Elements that the values of `length` rows take. */
function minValues(type: ArrowType, length: number): number {
  if (type.typeId === Type.Bool) return Math.ceil(length / 8);
  return type.typeId === Type.Decimal ? length * Math.max(1, type.bitWidth / 64) : length;
}

/** Row i's text lies from offset i to offset i + 1. */
function checkTexts({ length, offsets, values }: Batch): void {
  for (let i = 0; i < length; i++) {
    if (!(offsets[i]! >= 0 && offsets[i]! <= offsets[i + 1]!)) {
      throw new RangeError("texts are out of order");
    }
  }
  if (length > 0 && offsets[length]! > values.length) throw new RangeError("texts are cut");
}
