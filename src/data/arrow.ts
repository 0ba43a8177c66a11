/**
 * Arrow IPC to named columns of cells: the file format (Feather 2 too) and the stream format.
 *
 * An Arrow column says its own type, so that nothing is inferred: texts that look like numbers stay
 * categories, and so does every dictionary. flechette decodes; it trusts what the file says of
 * itself, which is checked here: that the file is whole, and that no value lies outside its buffer.
 */
import { type Column, type Table, Type, tableFromIPC } from "@uwdata/flechette";
import { BailiwickError } from "../shared/errors.ts";
import { withCodecs } from "./arrow-codecs.ts";
import { checkFileMetadata, checkStreamMetadata } from "./arrow-metadata.ts";
import { checkColumns, placeOfRow, type RawColumn, type RawTable } from "./raw-table.ts";
import type { ColumnType } from "./table.ts";

/** As many as a text file of the largest size can hold. */
const MAX_CELLS = 100_000_000;

const FILE_MAGIC = "ARROW1";
const FEATHER1_MAGIC = "FEA1";
/** A message length of 0 after the mark that stands before each. */
const STREAM_END = "ffffffff00000000";

type Batch = Column<unknown>["data"][number];
type ArrowType = Table["schema"]["fields"][number]["type"];

/**
 * @throws DATA_MALFORMED if it is no Arrow, cut or damaged; DATA_EMPTY without rows or columns;
 *   DATA_TOO_LARGE; COLUMN_TYPE naming a column that is nested or binary; COLUMN_DUPLICATE.
 */
export function parseArrow(bytes: Uint8Array): RawTable {
  if (bytes.length === 0) {
    throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  }
  const isFile = checkWhole(bytes);
  const table = decoding(() => {
    if (isFile) checkFileMetadata(bytes);
    else checkStreamMetadata(bytes);
    // A copy, since typed arrays over it must start at multiples of their element's size.
    return withCodecs(() => tableFromIPC(new Uint8Array(bytes), { useBigInt: true }));
  });
  if (table.schema.endianness === 1) {
    throw malformed("numbers must be little-endian, these are big-endian");
  }
  checkSize(table);
  const columns = table.children.map((column, c) =>
    rawColumn(String(table.names[c] ?? ""), column),
  );
  checkColumns(columns);
  return { columns, placeOf: placeOfRow };
}

function malformed(message: string, cause?: unknown): BailiwickError {
  return new BailiwickError("DATA_MALFORMED", message, {}, cause);
}

/** What flechette makes of damage is an error of any kind, or a value that is none. */
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

function checkSize({ children }: Table): void {
  const nCells = children.reduce((sum, { length }) => sum + length, 0);
  if (nCells <= MAX_CELLS) return;
  const message = `it must hold at most ${MAX_CELLS} cells, got ${nCells}`;
  throw new BailiwickError("DATA_TOO_LARGE", message, { nCells });
}

function rawColumn(name: string, column: Column<unknown>): RawColumn {
  const type = columnType(name, column.type);
  const cells = decoding(() => {
    column.data.forEach(checkBuffers);
    return column.toArray() as ArrayLike<unknown>;
  });
  const hole = ArrayBuffer.isView(cells) ? -1 : Array.prototype.indexOf.call(cells, undefined);
  if (hole >= 0) {
    throw malformed(`column "${name}" must have a value in ${placeOfRow(hole)}, it is damaged`);
  }
  return isTime(column.type)
    ? { name, type, cells: Array.from(cells, (cell) => timeText(name, column.type, cell)) }
    : { name, type, cells };
}

/** @throws COLUMN_TYPE for types that are neither numbers nor categories. */
function columnType(name: string, type: ArrowType): ColumnType | undefined {
  switch (type.typeId) {
    case Type.Null:
      return undefined;
    case Type.Int:
    case Type.Float:
    case Type.Decimal:
    case Type.Time:
    case Type.Duration:
      return "number";
    case Type.Bool:
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
    case Type.Date:
    case Type.Timestamp:
      return "category";
    case Type.Dictionary:
      columnType(name, type.dictionary);
      return "category";
    default: {
      const found = Object.entries(Type).find(([, id]) => id === type.typeId)?.[0] ?? type.typeId;
      throw new BailiwickError(
        "COLUMN_TYPE",
        `column "${name}" must hold numbers, texts, booleans or dates, its Arrow type is ${found}`,
        { column: name },
      );
    }
  }
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

/** Dates and moments, in a dictionary or not. */
function isTime(type: ArrowType): boolean {
  const { typeId } = valueType(type);
  return typeId === Type.Date || typeId === Type.Timestamp;
}

function valueType(type: ArrowType): ArrowType {
  return type.typeId === Type.Dictionary ? type.dictionary : type;
}

/** A day as 2020-01-31, a moment as 2020-01-31T12:00:00.000Z. */
function timeText(name: string, type: ArrowType, cell: unknown): string | null {
  if (cell === null) return null;
  const date = new Date(Number(cell));
  if (Number.isNaN(date.getTime())) {
    throw new BailiwickError(
      "VALUE_NOT_FINITE",
      `column "${name}" must hold dates of the years ±271,821, got ${cell} ms since 1970`,
      { column: name },
    );
  }
  const text = date.toISOString();
  return valueType(type).typeId === Type.Date ? text.slice(0, text.indexOf("T")) : text;
}
