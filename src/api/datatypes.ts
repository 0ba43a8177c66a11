/**
 * The protocol's datatypes: tensors' numbers and texts, from JSON and from bytes.
 *
 * Every number becomes a double: preprocessing computes in doubles whatever the wire had. Bytes
 * are little-endian, row-major, without padding; a text is a 4-byte length and UTF-8.
 * Source: Open Inference Protocol, "Tensor Data Types"; Triton, "Binary Tensor Data Extension".
 */
import { isUtf8 } from "node:buffer";
import { endianness } from "node:os";
import { BailiwickError } from "../shared/errors.ts";
import { describeValue } from "./refusal.ts";

interface NumberType {
  /** Bytes of one element. */
  readonly size: number;
  /** The range of whole numbers; null where fractions are allowed. */
  readonly range: readonly [least: number, most: number] | null;
  /** Elements as doubles from bytes in this machine's order. */
  decode(bytes: ArrayBuffer): Float64Array;
}

const signed = (bits: number): readonly [number, number] => [-(2 ** (bits - 1)), 2 ** (bits - 1)];
const unsigned = (bits: number): readonly [number, number] => [0, 2 ** bits];

type View = new (bytes: ArrayBuffer) => ArrayLike<number>;

/** A type whose elements a typed array reads. */
function viewed(view: View, size: number, range: NumberType["range"]): NumberType {
  return { size, range, decode: (bytes) => new Float64Array(new view(bytes)) };
}

const NUMBER_TYPES: Readonly<Record<string, NumberType>> = {
  FP64: { size: 8, range: null, decode: (bytes) => new Float64Array(bytes) },
  FP32: viewed(Float32Array, 4, null),
  FP16: { size: 2, range: null, decode: (bytes) => fromHalves(new Uint16Array(bytes)) },
  INT64: { size: 8, range: signed(64), decode: (bytes) => fromHalvesOf64(bytes, Int32Array) },
  INT32: viewed(Int32Array, 4, signed(32)),
  INT16: viewed(Int16Array, 2, signed(16)),
  INT8: viewed(Int8Array, 1, signed(8)),
  UINT64: {
    size: 8,
    range: unsigned(64),
    decode: (bytes) => fromHalvesOf64(bytes, Uint32Array),
  },
  UINT32: viewed(Uint32Array, 4, unsigned(32)),
  UINT16: viewed(Uint16Array, 2, unsigned(16)),
  UINT8: viewed(Uint8Array, 1, unsigned(8)),
  BOOL: viewed(Uint8Array, 1, null),
};

export const DATATYPES: readonly string[] = [...Object.keys(NUMBER_TYPES), "BYTES"];

const BIG_ENDIAN = endianness() === "BE";

/** What messages call a tensor, its datatype and how many elements its shape says it has. */
export interface TensorClaim {
  readonly name: string;
  readonly datatype: string;
  readonly count: number;
}

/** A tensor's elements: NaN and null stand for what is missing. */
export type Elements =
  | { readonly kind: "numbers"; readonly values: Float64Array }
  | { readonly kind: "texts"; readonly values: readonly (string | null)[] };

/**
 * Elements from bytes.
 *
 * @throws SHAPE_MISMATCH if they are not as many as claimed, VALUE_NOT_FINITE for an infinity,
 *   INVALID_OPTION for a text that is not UTF-8.
 */
export function decodeBinary(bytes: Buffer, claim: TensorClaim): Elements {
  const { name, datatype, count } = claim;
  if (datatype === "BYTES") return { kind: "texts", values: decodeTexts(bytes, claim) };
  const { size, decode } = NUMBER_TYPES[datatype]!;
  if (bytes.length !== count * size) {
    const wanted = `${count} elements of ${size} bytes`;
    const message = `input "${name}" must have ${wanted}, got ${bytes.length} bytes`;
    throw new BailiwickError("SHAPE_MISMATCH", message, { name });
  }
  // A copy: a tensor starts where the JSON ends, typed arrays only at multiples of their size.
  const copy = new Uint8Array(bytes).buffer;
  if (BIG_ENDIAN) swapBytes(Buffer.from(copy), size);
  const values = decode(copy);
  checkFinite(values, claim);
  return { kind: "numbers", values };
}

function swapBytes(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
}

function checkFinite(values: Float64Array, { name }: TensorClaim): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      const message = `input "${name}" must hold finite numbers, element ${i} is ${value}`;
      throw new BailiwickError("VALUE_NOT_FINITE", message, { name });
    }
  }
}

function decodeTexts(bytes: Buffer, { name, count }: TensorClaim): readonly string[] {
  const texts: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && texts.length < count) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    const text = bytes.toString("utf8", at + 4, end);
    // What is no UTF-8 is read as this character, which may be in a text itself.
    if (text.includes("\ufffd") && !isUtf8(bytes.subarray(at + 4, end))) {
      const message = `input "${name}" must hold texts in UTF-8, element ${texts.length} is not`;
      throw new BailiwickError("INVALID_OPTION", message, { name });
    }
    texts.push(text);
    at = end;
  }
  if (texts.length === count && at === bytes.length) return texts;
  const wanted = `${count} texts, each after its length in 4 bytes, and nothing else`;
  const message = `input "${name}" must have ${wanted}`;
  throw new BailiwickError("SHAPE_MISMATCH", message, { name });
}

/**
 * Elements from a list of JSON; null is a missing one.
 *
 * @throws COLUMN_TYPE for an element that is not of the datatype, VALUE_NOT_FINITE for one beyond
 *   a double's range.
 */
export function decodeList(list: readonly unknown[], claim: TensorClaim): Elements {
  if (claim.datatype === "BYTES") {
    if (list.every(isTextOrNull)) return { kind: "texts", values: list };
    const bad = list.findIndex((cell) => !isTextOrNull(cell));
    throw wrongElement(claim, "texts", bad, list[bad]);
  }
  return { kind: "numbers", values: numbersOf(list, claim) };
}

function isTextOrNull(cell: unknown): cell is string | null {
  return cell === null || typeof cell === "string";
}

function numbersOf(list: readonly unknown[], claim: TensorClaim): Float64Array {
  const wanted = claim.datatype === "BOOL" ? "boolean" : "number";
  const values = new Float64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const cell = list[i];
    if (typeof cell === wanted) values[i] = Number(cell);
    else if (cell === null) values[i] = Number.NaN;
    else throw wrongElement(claim, `${wanted}s`, i, cell);
  }
  checkFinite(values, claim);
  checkWhole(values, claim);
  return values;
}

function checkWhole(values: Float64Array, claim: TensorClaim): void {
  const { range } = NUMBER_TYPES[claim.datatype]!;
  if (range === null) return;
  const [least, most] = range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < least || value >= most || value % 1 > 0 || value % 1 < 0) {
      throw wrongElement(claim, `whole numbers of ${claim.datatype}`, i, value);
    }
  }
}

function wrongElement(
  { name }: TensorClaim,
  wanted: string,
  place: number,
  found: unknown,
): BailiwickError {
  const got = describeValue(found);
  const message = `input "${name}" must hold ${wanted}, element ${place} is ${got}`;
  return new BailiwickError("COLUMN_TYPE", message, { name });
}

/**
 * Beyond ±2^53 rounded to the nearest double, as JSON's would be: both parts are exact, and their
 * sum is rounded once. As BigInts they would take ten times as long.
 */
function fromHalvesOf64(bytes: ArrayBuffer, highView: View): Float64Array {
  const [low, high] = [new Uint32Array(bytes), new highView(bytes)];
  const [lowAt, highAt] = BIG_ENDIAN ? [1, 0] : [0, 1];
  const numbers = new Float64Array(low.length / 2);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = high[2 * i + highAt]! * 2 ** 32 + low[2 * i + lowAt]!;
  }
  return numbers;
}

/** IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits. */
function fromHalves(halves: Uint16Array): Float64Array {
  const numbers = new Float64Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = half >> 15 === 1 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) numbers[i] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else if (exponent === 0) numbers[i] = sign * fraction * 2 ** -24;
    else numbers[i] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return numbers;
}
