/**
 * The safetensors format: named tensors in one file, nothing to execute.
 *
 *   8 bytes        length of the header, unsigned, little-endian
 *   header         JSON: name -> { dtype, shape, data_offsets: [begin, end] }, and optionally
 *                  "__metadata__" -> strings by name
 *   data           the tensors' values, row-major, little-endian, without holes or overlaps
 *
 * Written as by the safetensors library: wider types first, then by name, the header padded with
 * spaces to a multiple of 8 bytes. Read strictly, because a file may come from a stranger. A model
 * needs only three of the types. Assumes a little-endian machine, as the training
 * engines do. Source: huggingface/safetensors, format specification.
 */
import * as v from "valibot";
import { check, decodeUtf8, parseBundleJson } from "./corrupt.ts";

/** A tensor of one of the three types; `values` in row-major order. */
export type Tensor =
  | { readonly dtype: "F32"; readonly shape: readonly number[]; readonly values: Float32Array }
  | { readonly dtype: "F64"; readonly shape: readonly number[]; readonly values: Float64Array }
  | { readonly dtype: "I32"; readonly shape: readonly number[]; readonly values: Int32Array };

/** Tensors by name. */
export type Tensors = ReadonlyMap<string, Tensor>;

export interface SafetensorsFile {
  readonly tensors: Tensors;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Limit of the header's length. */
export const MAX_HEADER_BYTES = 16_000_000;
const LENGTH_BYTES = 8;
const SPACE = 0x20;
const METADATA = "__metadata__";
const WIDTHS = { F32: 4, F64: 8, I32: 4 } as const;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.strictObject({
  dtype: v.picklist(["F32", "F64", "I32"]),
  shape: v.pipe(v.array(count), v.maxLength(8)),
  data_offsets: v.strictTuple([count, count]),
});
type Entry = v.InferOutput<typeof entrySchema>;

/** The bytes of a file. Equal tensors give equal bytes, in any order of the argument. */
export function encodeSafetensors(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = [...tensors.keys()].sort((a, b) => {
    const [first, second] = [tensors.get(a)!, tensors.get(b)!];
    return rank(first) - rank(second) || (a < b ? -1 : 1);
  });
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, metadata]);
  const data: Uint8Array[] = [];
  let end = 0;
  for (const name of names) {
    const { dtype, shape, values } = tensors.get(name)!;
    const begin = end;
    end += values.byteLength;
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return concatenate([...encodeHeader(header), ...data]);
}

/** The format's order of types: F64, F32, I32. */
function rank({ dtype }: Tensor): number {
  return ["F64", "F32", "I32"].indexOf(dtype);
}

/**
 * The length, the header and its padding. Joins members as text, because an object would move names
 * such as "0" to the front.
 */
function encodeHeader(entries: readonly (readonly [string, unknown])[]): readonly Uint8Array[] {
  const members = entries.map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const nSpaces = (8 - (json.length % 8)) % 8;
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length + nSpaces), true);
  return [length, json, new Uint8Array(nSpaces).fill(SPACE)];
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The tensors of a file, copied out of `bytes`.
 *
 * @param name - How messages call the file.
 * @throws BUNDLE_CORRUPT if the file violates the format.
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): SafetensorsFile {
  const { text, data } = splitFile(bytes, name);
  const header = parseHeader(text, name);
  const { [METADATA]: metadata = {}, ...entries } = header;
  const strings = v.safeParse(v.record(v.string(), v.string()), metadata);
  check(strings.success, name, `${METADATA} must hold strings`);
  const parsed = Object.entries(entries).map(([tensor, entry]) => {
    const result = v.safeParse(entrySchema, entry);
    check(result.success, name, `tensor ${tensor} must have a dtype, a shape and data_offsets`);
    return [tensor, result.output] as const;
  });
  const nNames = Object.keys(header).length + Object.keys(strings.output).length;
  const nPairs = nNames + Object.keys(entrySchema.entries).length * parsed.length;
  check(countPairs(text) === nPairs, name, "names in the header must be unique");
  checkLayout(parsed, data.length, name);
  const tensors = new Map(parsed.map(([tensor, entry]) => [tensor, tensorOf(entry, data)]));
  return { tensors, metadata: strings.output };
}

function splitFile(bytes: Uint8Array, name: string): { text: string; data: Uint8Array } {
  check(bytes.length >= LENGTH_BYTES, name, `must have ${LENGTH_BYTES} bytes of header length`);
  const { buffer, byteOffset } = bytes;
  const length = Number(new DataView(buffer, byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  const most = Math.min(MAX_HEADER_BYTES, bytes.length - LENGTH_BYTES);
  check(length <= most, name, `the header must be at most ${most} bytes, got ${length}`);
  const start = LENGTH_BYTES + length;
  return {
    text: decodeUtf8(bytes.subarray(LENGTH_BYTES, start), name),
    data: bytes.subarray(start),
  };
}

/** Not parsed by a schema of records, which drops a tensor called `__proto__`. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function parseHeader(text: string, name: string): Readonly<Record<string, unknown>> {
  const header = parseBundleJson(text, name);
  check(isRecord(header) && text.startsWith("{"), name, "the header must be a JSON object");
  return header;
}

/** Counts name-value pairs of valid JSON text (colons outside strings): a parser drops repeats. */
function countPairs(json: string): number {
  let pairs = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    if (quoted && json[i] === "\\") i += 1;
    else if (json[i] === '"') quoted = !quoted;
    else if (json[i] === ":" && !quoted) pairs += 1;
  }
  return pairs;
}

/** Checks that tensors cover the data one after another, each with the length of its shape. */
function checkLayout(
  entries: readonly (readonly [string, Entry])[],
  nBytes: number,
  name: string,
): void {
  const inOrder = [...entries].sort(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  let end = 0;
  for (const [tensor, { dtype, shape, data_offsets: offsets }] of inOrder) {
    const size = shape.reduce((product, extent) => product * extent, WIDTHS[dtype]);
    check(offsets[0] === end, name, `tensor ${tensor} must begin at ${end}, got ${offsets[0]}`);
    const length = offsets[1] - offsets[0];
    check(length === size, name, `tensor ${tensor} must be ${size} bytes, got ${length}`);
    end = offsets[1];
  }
  check(end === nBytes, name, `the data must be ${end} bytes, got ${nBytes}`);
}

function tensorOf({ dtype, shape, data_offsets: offsets }: Entry, data: Uint8Array): Tensor {
  const { buffer } = Uint8Array.from(data.subarray(...offsets));
  if (dtype === "F32") return { dtype, shape, values: new Float32Array(buffer) };
  if (dtype === "F64") return { dtype, shape, values: new Float64Array(buffer) };
  return { dtype, shape, values: new Int32Array(buffer) };
}
