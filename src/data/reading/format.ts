/** The format of a data file, by the ending of its name or by its first bytes. */
import { basename } from "node:path";
import type { Encoding } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { decodeText } from "./decode.ts";

/** The path that stands for stdin. */
export const STDIN = "-";

export type DataFormat = "csv" | "tsv" | "json" | "jsonl" | "arrow";

/** A Parquet file is decoded on a thread, so that it is not parsed at once as the others are. */
export type FileFormat = DataFormat | "parquet";

const FORMAT_OF_ENDING: Readonly<Record<string, FileFormat>> = {
  csv: "csv",
  tsv: "tsv",
  txt: "csv",
  json: "json",
  jsonl: "jsonl",
  ndjson: "jsonl",
  arrow: "arrow",
  arrows: "arrow",
  feather: "arrow",
  ipc: "arrow",
  parquet: "parquet",
  pq: "parquet",
};

/** Bytes that begin a file, in hexadecimal. `ffffffff` begins each message of an Arrow stream. */
const FORMAT_OF_MAGIC: readonly (readonly [magic: string, format: FileFormat])[] = [
  ["50415231", "parquet"],
  ["50415245", "parquet"],
  ["4152524f5731", "arrow"],
  ["ffffffff", "arrow"],
];
const ZIP_MAGIC = "504b0304";
const GZIP_MAGIC = "1f8b";

export interface NamedFormat {
  /** null if the name has no ending that says it. */
  readonly format: FileFormat | null;
  /** null if the name has no ending. */
  readonly packed: boolean | null;
}

/** @throws DATA_MALFORMED for an ending that is no format's. */
export function formatOfName(path: string): NamedFormat {
  const name = basename(path).toLowerCase();
  const packed = name.endsWith(".gz");
  const [, ending] = /\.(\w+)$/.exec(packed ? name.slice(0, -".gz".length) : name) ?? [];
  if (ending === undefined) return { format: null, packed: packed ? true : null };
  if (Object.hasOwn(FORMAT_OF_ENDING, ending)) return { format: FORMAT_OF_ENDING[ending]!, packed };
  const known = Object.keys(FORMAT_OF_ENDING).map((one) => `.${one}`);
  throw new BailiwickError(
    "DATA_MALFORMED",
    `a data file's name must end in ${known.join(", ")}, or one of them and .gz, ` +
      `got "${basename(path)}"`,
    { path },
  );
}

/** The name of a path in messages and in a bundle. */
export function nameOfPath(path: string): string {
  return path === STDIN ? "stdin" : basename(path);
}

export function isGzip(bytes: Uint8Array): boolean {
  return startsWith(bytes, GZIP_MAGIC);
}

/**
 * The format that the content shows. Text that is no JSON is CSV; its separator may be a tab.
 *
 * @param bytes - Unpacked.
 * @throws DATA_MALFORMED for a zip archive, which spreadsheets are.
 */
export function formatOfBytes(bytes: Uint8Array, encoding?: Encoding): FileFormat {
  const magic = FORMAT_OF_MAGIC.find(([start]) => startsWith(bytes, start));
  if (magic !== undefined) return magic[1];
  if (startsWith(bytes, ZIP_MAGIC)) {
    const message = "must be CSV, TSV, JSON, Arrow or Parquet, this is a zip archive or a workbook";
    throw new BailiwickError("DATA_MALFORMED", `a data file ${message}; save it as CSV`);
  }
  return formatOfText(bytes, encoding);
}

/** Characters at the beginning that show JSON. */
const START_CHARS = 200;

function formatOfText(bytes: Uint8Array, encoding: Encoding | undefined): DataFormat {
  const start = Buffer.from(bytes.subarray(0, START_CHARS)).toString("latin1");
  // Zeros and marks of UTF-16 and UTF-8 lie between its characters and before them.
  const plain = start.replace(/[\0\u0080-\u00ff]/g, "").trimStart();
  if (/^\[\s*[{\]]/.test(plain)) return "json";
  if (!/^\{\s*["}]/.test(plain)) return "csv";
  const [line = ""] = decodeText(bytes, encoding).text.trimStart().split("\n", 1);
  return isRow(line) ? "jsonl" : "json";
}

/** Whether a line is a row's object; an object of lists alone is a document of columns. */
function isRow(line: string): boolean {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === "object" && row !== null && !Object.values(row).every(Array.isArray);
  } catch {
    return false;
  }
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return Buffer.from(bytes.subarray(0, magic.length / 2)).toString("hex") === magic;
}
