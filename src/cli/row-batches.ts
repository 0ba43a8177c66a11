/**
 * Rows read line by line: from a file that grows, a file too large for memory, or stdin.
 *
 * CSV and TSV with a header and JSON lines. A line is a row: a quoted cell must not hold a line
 * break. Stdin whose first line begins with a brace is JSON lines. Memory holds one batch.
 */
import { open } from "node:fs/promises";
import { extname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ColumnOptions,
  type DataFormat,
  parseTable,
  type TextOptions,
} from "../data/index.ts";
import { nowMs } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readError } from "../shared/files.ts";
import { sha256 } from "../shared/hash.ts";
import { decodeUtf8 } from "../shared/utf8.ts";
import type { Batch } from "../update/index.ts";
import { warn } from "./output.ts";

export interface BatchOptions {
  readonly reading: ColumnOptions & TextOptions;
  /** Rows of a batch. */
  readonly batch: number;
  /** Stop after this many seconds without new rows; 0 for never. Stdin stops at its end. */
  readonly untilIdle: number;
}

/** How often a file is checked for new bytes. */
const POLL_MS = 200;
const CHUNK_BYTES = 1 << 16;
/** A longer line is refused. */
const MAX_LINE_BYTES = 10_000_000;

/** @throws DATA_MALFORMED, and as `parseTable`. */
export async function* readBatches(
  path: string,
  { reading, batch, untilIdle }: BatchOptions,
): AsyncGenerator<Batch> {
  const isStdin = path === "-";
  const named = isStdin ? null : formatOf(path);
  const lines = isStdin ? linesOf(stdinChunks(), null) : linesOf(fileChunks(path, untilIdle), path);
  let start: Start | undefined;
  let held: string[] = [];
  const add = (line: string): void => {
    held.push(...(start === undefined ? startOf(named, line).rows : [line]));
    start ??= startOf(named, line);
  };
  const take = (): Batch => {
    const { format, header } = start ?? startOf(named, "");
    const text = [...header, ...held, ""].join("\n");
    held = [];
    const table = parseTable(Buffer.from(text), format, reading);
    return { name: isStdin ? "stdin" : path, sha256: sha256(text), table };
  };
  for await (const line of lines) {
    if (line !== null) add(line);
    // After a pause without new rows, an incomplete batch is returned.
    if (held.length >= (line === null ? 1 : batch)) yield take();
  }
  if (held.length > 0) yield take();
}

/** What the first line is: the header, or in JSON lines a row. */
interface Start {
  readonly format: DataFormat;
  readonly header: readonly string[];
  readonly rows: readonly string[];
}

function startOf(named: DataFormat | null, line: string): Start {
  const format = named ?? (line.startsWith("{") ? "jsonl" : "csv");
  return format === "jsonl"
    ? { format, header: [], rows: [line] }
    : { format, header: [line], rows: [] };
}

function formatOf(path: string): DataFormat {
  const ending = extname(path).toLowerCase();
  if (ending === ".csv" || ending === ".tsv") return ending === ".csv" ? "csv" : "tsv";
  if (ending === ".jsonl" || ending === ".ndjson") return "jsonl";
  const message = `a file that is followed must end in .csv, .tsv or .jsonl, got "${path}"`;
  throw new BailiwickError("DATA_MALFORMED", message, { path });
}

/** Chunks of bytes; null while there are none. */
type Chunks = AsyncIterable<Buffer | null>;

async function* stdinChunks(): Chunks & AsyncGenerator<Buffer | null> {
  for await (const chunk of process.stdin) {
    yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
  }
}

async function* fileChunks(path: string, untilIdle: number): AsyncGenerator<Buffer | null> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const file = await open(path, "r").catch((cause) => {
    throw readError(path, "FILE_NOT_FOUND", cause);
  });
  try {
    let lastMs = nowMs();
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead > 0) {
        lastMs = nowMs();
        yield Buffer.from(buffer.subarray(0, bytesRead));
        continue;
      }
      if (untilIdle > 0 && nowMs() - lastMs >= 1000 * untilIdle) return;
      yield null;
      await sleep(POLL_MS);
    }
  } finally {
    await file.close();
  }
}

/**
 * Complete lines without line ends and without blank lines; null while there are none. The last
 * line of stdin needs no line end; that of a file may be one that is still being written, and is
 * left out with a warning.
 *
 * @param path - Of the file; null for stdin.
 */
async function* linesOf(chunks: Chunks, path: string | null): AsyncGenerator<string | null> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (chunk === null) {
      yield null;
      continue;
    }
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      const line = decodeUtf8(rest.subarray(start, end), "a line").replace(/\r$/, "");
      if (line.trim() !== "") yield line;
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > MAX_LINE_BYTES) {
      const message = `a line must have at most ${MAX_LINE_BYTES} bytes, one has more`;
      throw new BailiwickError("DATA_TOO_LARGE", message, { maxBytes: MAX_LINE_BYTES });
    }
  }
  if (rest.length === 0) return;
  if (path === null) yield decodeUtf8(rest, "a line");
  else warn(`the last line of ${path} has no line feed, so it may be cut: it was left out`);
}
