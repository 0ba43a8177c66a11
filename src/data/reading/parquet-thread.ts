/**
 * The thread that decodes Parquet files: hyparquet trusts the numbers of a file, and a damaged one
 * could make it fill memory, so that it works where only a thread ends with it.
 */
import { END_LATER } from "../../shared/thread-end.ts";

/** What the thread is started with. */
export interface ParquetTask {
  /** Paths of the modules. */
  readonly hyparquet: string;
  readonly compressors: string;
  readonly bytes: Uint8Array;
  /** Bytes that all pages may unpack to. */
  readonly maxBytes: number;
  readonly maxCells: number;
}

/** A column as the file describes and holds it; without cells where it is nested. */
export interface ParquetColumn {
  readonly name: string;
  /** Of hyparquet: INT32, BYTE_ARRAY, … */
  readonly physical: string;
  /** The converted or logical type: DATE, UTF8, TIMESTAMP, …; "" for none. */
  readonly logical: string;
  /** Of a logical time: MILLIS, MICROS or NANOS; "" for none. */
  readonly unit: string;
  /** null where missing. */
  readonly cells: readonly unknown[] | null;
}

/** Columns with the Arrow schema that their writer kept beside them, base64; "" for none. */
interface ParquetColumns {
  readonly nRows: number;
  readonly columns: readonly ParquetColumn[];
  readonly arrowSchema: string;
}

/** The answer: columns, or why there are none. */
export type ParquetAnswer =
  | ParquetColumns
  | { readonly tooLarge: string }
  | { readonly damage: string };

/** The thread's program; `workerData` is a ParquetTask. */
export const PARQUET_PROGRAM: string = `
const { parentPort, workerData } = require("node:worker_threads");
const { pathToFileURL } = require("node:url");
const { bytes, maxBytes, maxCells } = workerData;
const load = (path) => import(pathToFileURL(path).href);
class TooLarge extends Error {}

async function decode() {
  const { parquetMetadata, parquetRead } = await load(workerData.hyparquet);
  const { compressors: all } = await load(workerData.compressors);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = parquetMetadata(buffer, { geoparquet: false });
  const nRows = Number(metadata.num_rows);
  const tops = topElements(metadata.schema);
  if (nRows * tops.length > maxCells) {
    const found = \`\${nRows} rows of \${tops.length} columns\`;
    throw new TooLarge(\`at most \${maxCells} cells, got \${found}\`);
  }
  let left = maxBytes;
  const compressors = {};
  for (const [codec, unpack] of Object.entries(all)) {
    compressors[codec] = (input, length) => {
      left -= length;
      if (!(left >= 0)) throw new TooLarge(\`pages of at most \${maxBytes} bytes\`);
      return unpack(input, length);
    };
  }
  const strict = new TextDecoder("utf-8", { fatal: true });
  const text = (part) => (part === undefined || part === null ? null : strict.decode(part));
  const same = (value) => value;
  const parsers = {
    timestampFromMilliseconds: same,
    timestampFromMicroseconds: same,
    timestampFromNanoseconds: same,
    dateFromDays: same,
    stringFromBytes: text,
    jsonFromBytes: text,
    geometryFromBytes: same,
    geographyFromBytes: same,
  };
  const file = { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) };
  const columns = [];
  for (const { element, isNested } of tops) {
    const { name, type = "", converted_type: converted, logical_type: logical } = element;
    const kind = converted ?? logical?.type ?? "";
    const column = { name, physical: type, logical: kind, unit: logical?.unit ?? "" };
    const isFixed = type === "FIXED_LEN_BYTE_ARRAY";
    const isBinary = isFixed && !["DECIMAL", "UUID", "FLOAT16"].includes(kind);
    if (isNested || isBinary) {
      columns.push({ ...column, cells: null });
      continue;
    }
    const cells = new Array(nRows).fill(null);
    let nRead = 0;
    const onChunk = ({ columnData, rowStart }) => {
      for (let i = 0; i < columnData.length; i++) cells[rowStart + i] = columnData[i] ?? null;
      nRead += columnData.length;
    };
    const how = { compressors, parsers, geoparquet: false };
    await parquetRead({ file, metadata, columns: [name], onChunk, ...how });
    if (nRead !== nRows || cells.length !== nRows) {
      throw new Error(\`column "\${name}" has \${nRead} of \${nRows} cells\`);
    }
    columns.push({ ...column, cells });
  }
  const kept = metadata.key_value_metadata?.find(({ key }) => key === "ARROW:schema");
  return { nRows, columns, arrowSchema: kept?.value ?? "" };
}

/** The columns of the table: the children of the schema's root, without theirs. */
function topElements([root, ...elements]) {
  const tops = [];
  let at = 0;
  const skip = () => {
    const element = elements[at++];
    if (element === undefined) throw new Error("the schema is cut");
    for (let child = 0; child < (element.num_children ?? 0); child++) skip();
    return element;
  };
  for (let child = 0; child < (root?.num_children ?? 0); child++) {
    const element = skip();
    const isNested = (element.num_children ?? 0) > 0 || element.repetition_type === "REPEATED";
    tops.push({ element, isNested });
  }
  return tops;
}

decode()
  .catch(({ message, constructor }) => {
    return constructor === TooLarge ? { tooLarge: message } : { damage: message };
  })
  .then((answer) => {
    parentPort.postMessage(answer);
    ${END_LATER}
  });
`;
