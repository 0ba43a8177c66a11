/**
 * Goal: no request within the limits keeps other clients waiting for long; how long is printed, and
 * bounded by the server's limits, not by this test.
 * Method: the largest requests that the limits allow, of each kind, and ones beyond; every answer
 * has the status of its kind. The delay of the event loop is the server's own metric.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/api/index.ts";
import { MODEL, ROW, type Served, startServed, stop } from "./served.ts";

const { maxJsonBytes, maxBinaryBytes, maxRows, maxElements, maxTexts, maxRoutedRows } =
  DEFAULT_LIMITS;
const COLUMNS = Object.keys(ROW).length;
const NAMES = ["cement", "water", "age"];

let served: Served;
beforeAll(async () => {
  served = await startServed([MODEL, "--port", "0"]);
});
afterAll(() => stop(served));

interface Hostile {
  readonly path: string;
  readonly body: Buffer;
  readonly jsonLength?: number;
}

const PREDICT = "/v1/predict";
const INFER = "/v2/models/concrete/infer";

/** The text of a list of as many parts as fit into the bytes, at most one a row. */
function listOf(part: (i: number) => string, nBytes: number, most = maxRows): string {
  const parts: string[] = [];
  for (let length = 2, i = 0; i < most; i++) {
    const text = part(i);
    length += text.length + 1;
    if (length > nBytes) break;
    parts.push(text);
  }
  return `[${parts.join(",")}]`;
}

/** Rows of few columns, so that there are many; the first has all. */
function rows(cellOf: (i: number) => string, extra = "", most = maxRows): Hostile {
  const rowOf = (i: number): string =>
    i === 0 ? JSON.stringify(ROW) : `{${NAMES.map((name) => `"${name}":${cellOf(i)}`).join(",")}}`;
  const list = listOf(rowOf, maxJsonBytes - 200, most);
  return { path: PREDICT, body: Buffer.from(`{"rows":${list}${extra}}`) };
}

const oneRow = (cell: string): Hostile => ({
  path: PREDICT,
  body: Buffer.from(`{"rows":[${JSON.stringify(ROW).slice(0, -1)},${cell}}]}`),
});

function inferJson(data: string, nRows: number, extra = ""): Buffer {
  const shape = `[${nRows},${COLUMNS}]`;
  const input = `{"name":"rows","datatype":"FP64","shape":${shape},"data":${data}}`;
  return Buffer.from(`{"inputs":[${input}]${extra}}`);
}

/** @param nColumns - Of each of 100,000 rows. */
function inferBinary(tail: Buffer, datatype: string, nColumns = COLUMNS, extra = ""): Hostile {
  const parameters = `{"binary_data_size":${tail.length}}`;
  const head = `"name":"rows","datatype":"${datatype}","shape":[${maxRows},${nColumns}]`;
  const json = Buffer.from(`{"inputs":[{${head},"parameters":${parameters}}]${extra}}`);
  return { path: INFER, body: Buffer.concat([json, tail]), jsonLength: json.length };
}

function textsOf(text: string, count: number): Buffer {
  const one = Buffer.alloc(4 + text.length);
  one.writeUInt32LE(text.length);
  one.write(text, 4);
  return Buffer.alloc(count * one.length, one);
}

/** Texts of [n, columns], at most `maxTexts`. */
function inferTexts(text: string): Hostile {
  const nRows = Math.floor(maxTexts / COLUMNS);
  const tail = textsOf(text, nRows * COLUMNS);
  const parameters = `{"binary_data_size":${tail.length}}`;
  const head = `"name":"rows","datatype":"BYTES","shape":[${nRows},${COLUMNS}]`;
  const json = Buffer.from(`{"inputs":[{${head},"parameters":${parameters}}]}`);
  return { path: INFER, body: Buffer.concat([json, tail]), jsonLength: json.length };
}

const numbers = listOf((i) => String(i % 900), maxJsonBytes - 300, maxRows * COLUMNS);
const nNumbers = Math.floor(numbers.split(",").length / COLUMNS) * COLUMNS;
const whole = `[${numbers.slice(1, -1).split(",").slice(0, nNumbers).join(",")}]`;
const routing = ',"parameters":{"routing":true},"outputs":[{"name":"scores"}]';
const listOfRows = (nRows: number): string =>
  listOf((i) => String(i % 900), maxJsonBytes, nRows * COLUMNS);
const doubles = Buffer.from(new Float64Array(maxRows * COLUMNS).fill(100).buffer);
const listed = `{"inputs":${listOf(() => '{"name":"a"}', maxBinaryBytes - 20, 4e6)}}`;
const bytes = (nColumns: number, size: number): Buffer =>
  Buffer.alloc(maxRows * nColumns * size, 1);
/** As many columns of 100,000 rows as the limits allow, of elements of a size. */
const widest = (size: number): number =>
  Math.floor(Math.min(maxElements, (maxBinaryBytes - 1000) / size) / maxRows);
const wide = (datatype: string, size: number): Hostile =>
  inferBinary(bytes(widest(size), size), datatype, widest(size));
const many = Array.from({ length: 40_000 }, (_, i) => `"${"k".repeat(40)}${i}":1`).join(",");
const text = (nBytes: number): Hostile => oneRow(`"other":"${"9".repeat(nBytes - 300)}"`);

const HOSTILE: readonly (readonly [string, number, () => Hostile])[] = [
  ["rows", 200, () => rows((i) => String(i % 900))],
  ["rows of texts", 200, () => rows((i) => `"${i % 900}"`)],
  ["explained rows", 200, () => rows((i) => String(i % 900), ',"explain":true', maxRoutedRows)],
  ["more explained rows", 413, () => rows((i) => String(i % 900), ',"explain":true')],
  ["a text of 2 MB", 200, () => text(maxJsonBytes)],
  ["a text of 32 MB", 413, () => text(maxBinaryBytes)],
  ["40,000 keys", 200, () => oneRow(many)],
  ["brackets", 413, () => ({ path: PREDICT, body: Buffer.alloc(maxJsonBytes, "[") })],
  ["lists", 413, () => oneRow(`"other":${listOf(() => "[]", maxJsonBytes - 400, maxJsonBytes)}`)],
  ["numbers", 200, () => ({ path: INFER, body: inferJson(whole, nNumbers / COLUMNS) })],
  [
    "routed numbers",
    200,
    () => ({ path: INFER, body: inferJson(listOfRows(maxRoutedRows), maxRoutedRows, routing) }),
  ],
  ["binary numbers", 200, () => inferBinary(doubles, "FP64")],
  ["more routed numbers", 413, () => inferBinary(doubles, "FP64", COLUMNS, routing)],
  ["half numbers", 400, () => wide("FP16", 2)],
  ["whole numbers of 8 bits", 400, () => wide("INT8", 1)],
  ["whole numbers of 64 bits", 400, () => wide("INT64", 8)],
  ["more numbers", 413, () => inferBinary(bytes(300, 1), "INT8", 300)],
  ["texts", 200, () => inferTexts("540.25")],
  ["long texts", 200, () => inferTexts("9".repeat(maxJsonBytes / maxTexts - 5))],
  ["more texts", 413, () => inferBinary(textsOf("5", maxRows * COLUMNS), "BYTES")],
  ["longer texts", 413, () => inferTexts("9".repeat(300))],
  [
    "JSON as long as a binary body",
    413,
    () => ({ path: INFER, body: Buffer.from(listed), jsonLength: listed.length }),
  ],
];

interface Work {
  /** The longest time that the server has answered nobody since the last call, in milliseconds. */
  readonly blockMs: number;
  /** Time of all processors since the server started. */
  readonly cpuMs: number;
}

async function workOf(): Promise<Work> {
  const metrics = await (await fetch(`${served.address}/metrics`)).text();
  const milliseconds = (name: string): number => {
    const line = metrics.split("\n").find((one) => one.startsWith(`${name} `))!;
    return Math.round(1000 * Number(line.split(" ")[1]));
  };
  const blockMs = milliseconds("nodejs_eventloop_lag_max_seconds");
  return { blockMs, cpuMs: milliseconds("process_cpu_seconds_total") };
}

/** A body that is refused by its length may be cut off while it is sent, before it is answered. */
function refusedEarly(error: Error): number {
  const { code } = error.cause as { readonly code?: string };
  if (code === "EPIPE" || code === "ECONNRESET") return 413;
  throw error;
}

test.each(HOSTILE)("%s are answered by %i", async (name, status, make) => {
  const { path, body, jsonLength } = make();
  const length =
    jsonLength === undefined ? {} : { "inference-header-content-length": String(jsonLength) };
  const type = jsonLength === undefined ? "application/json" : "application/octet-stream";
  const before = await workOf();
  const answered = await fetch(`${served.address}${path}`, {
    method: "POST",
    headers: { "content-type": type, ...length },
    body: new Uint8Array(body),
  })
    .then(async (response) => [response.status, (await response.text()).slice(0, 200)])
    .catch((error) => [refusedEarly(error), ""]);
  const { blockMs, cpuMs } = await workOf();
  const cpu = cpuMs - before.cpuMs;
  process.stdout.write(`longest block by ${name}: ${blockMs} ms; ${cpu} ms of processors\n`);
  expect(answered).toEqual([status, expect.any(String)]);
});
