/**
 * A file of rows to a table. The ending of its name says the format, plain or gzipped; the bytes
 * say it where the name has no ending, and of stdin.
 */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Encoding } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { readFileChecked, readStdinChecked } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";
import { MAX_DATA_BYTES } from "../limits.ts";
import type { Table } from "../table.ts";
import { parseArrow } from "./arrow.ts";
import { type ColumnOptions, typeColumns } from "./columns.ts";
import { parseCsv } from "./csv.ts";
import { decodeText } from "./decode.ts";
import {
  type DataFormat,
  formatOfBytes,
  formatOfName,
  isGzip,
  nameOfPath,
  STDIN,
} from "./format.ts";
import { type JsonOptions, parseJson, parseJsonLines } from "./json.ts";
import { parseParquet } from "./parquet.ts";
import type { RawTable } from "./raw-table.ts";
import { type Separator, sniffSeparator } from "./separator.ts";

export type { DataFormat };
/** How a text file is read; what is left out is found out from its bytes. */
export interface TextOptions {
  readonly separator?: Separator | undefined;
  readonly encoding?: Encoding | undefined;
}

type Parser = (bytes: Uint8Array, options: JsonOptions & TextOptions) => RawTable;

const PARSERS: Readonly<Record<DataFormat, Parser>> = {
  csv: (bytes, options) => parseSeparated(bytes, ",", options),
  tsv: (bytes, options) => parseSeparated(bytes, "\t", options),
  json: (bytes, options) => parseJson(decode(bytes, options), options),
  jsonl: (bytes, options) => parseJsonLines(decode(bytes, options), options),
  arrow: parseArrow,
};

/** @param usual - The separator that the file's ending lets expect. */
function parseSeparated(bytes: Uint8Array, usual: Separator, options: TextOptions): RawTable {
  const text = decode(bytes, options);
  return parseCsv(text, options.separator ?? sniffSeparator(text, usual));
}

export interface ReadTableOptions extends ColumnOptions, TextOptions {
  /** Of the file, and of its unpacked content; `MAX_DATA_BYTES` if not given. */
  readonly maxBytes?: number;
}

export interface ReadTable {
  readonly table: Table;
  /** Of the file's bytes, packed as they are. */
  readonly sha256: string;
}

/**
 * @param path - A file's, or `-` for stdin.
 * @throws FILE_NOT_FOUND, DATA_TOO_LARGE, DATA_MALFORMED for a broken gzip or an unknown ending,
 *   and as `parseTable`, with the file's name in front.
 */
export async function readTable(path: string, options: ReadTableOptions = {}): Promise<ReadTable> {
  const { maxBytes = MAX_DATA_BYTES } = options;
  const named = path === STDIN ? null : formatOfName(path);
  const bytes = await (path === STDIN
    ? readStdinChecked({ maxBytes })
    : readFileChecked(path, { maxBytes }));
  return naming(path, async () => {
    const packed = named?.packed ?? isGzip(bytes);
    const content = packed ? await unpack(bytes, maxBytes) : bytes;
    const format = named?.format ?? formatOfBytes(content, options.encoding);
    const table =
      format === "parquet"
        ? typeColumns(await parseParquet(content), options)
        : parseTable(content, format, options);
    return { table, sha256: sha256(bytes) };
  });
}

/**
 * @param bytes - Text formats in UTF-8, UTF-16 or windows-1252.
 * @throws DATA_EMPTY, DATA_RAGGED, DATA_MALFORMED, DATA_TOO_LARGE, COLUMN_DUPLICATE, COLUMN_TYPE,
 *   COLUMN_MISSING or VALUE_NOT_FINITE, naming the line where there is one.
 */
export function parseTable(
  bytes: Uint8Array,
  format: DataFormat,
  options: ColumnOptions & TextOptions = {},
): Table {
  const keepTexts = (options.keepTexts ?? []).length + (options.carry ?? []).length > 0;
  const { separator, encoding } = options;
  return typeColumns(PARSERS[format](bytes, { keepTexts, separator, encoding }), options);
}

/** A text file, plain or gzipped, and the sha256 of its bytes. @throws as `readTable`. */
export async function readText(path: string): Promise<{ text: string; sha256: string }> {
  const bytes = await readFileChecked(path, { maxBytes: MAX_DATA_BYTES });
  return naming(path, async () => {
    const content = path.endsWith(".gz") ? await unpack(bytes, MAX_DATA_BYTES) : bytes;
    return { text: decode(content), sha256: sha256(bytes) };
  });
}

/** Puts the file's name in front of the message of an error that `read` throws. */
async function naming<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof BailiwickError)) throw error;
    const { code, message, details, cause } = error;
    throw new BailiwickError(code, `${nameOfPath(path)}: ${message}`, { ...details, path }, cause);
  }
}

function decode(bytes: Uint8Array, { encoding }: TextOptions = {}): string {
  return decodeText(bytes, encoding).text;
}

async function unpack(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError) {
      const message = `it must unpack to at most ${maxBytes} bytes`;
      throw new BailiwickError("DATA_TOO_LARGE", message, { maxBytes }, cause);
    }
    throw new BailiwickError("DATA_MALFORMED", "it must be a whole gzip file", {}, cause);
  }
}
