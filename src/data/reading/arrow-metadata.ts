/**
 * The messages of an Arrow file or stream, with the sizes that their metadata claim checked before
 * a decoder trusts them.
 *
 * Metadata are flatbuffers: tables whose fields are offsets to vectors, each with its length in
 * front. A damaged length makes a decoder loop or allocate without end. Here every vector must lie
 * within its buffer, and dictionaries, which are unpacked at once, must have a plausible length.
 * Views throw RangeError for anything else that lies outside.
 *
 * The decoder refuses a whole file for one type that it does not know. Where such a type has the
 * buffers of another, the schema is changed to the other, and the column is named as unsupported,
 * so that a file can be read without it.
 *
 * Source: format/Message.fbs, Schema.fbs and File.fbs of Apache Arrow (the slot numbers).
 */
import { BailiwickError } from "../../shared/errors.ts";

const CONTINUATION = -1;
const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
const INT = 2;
const DECIMAL = 7;
const UNION = 14;
const LARGE_LIST_VIEW = 26;
const MAX_DEPTH = 16;
/** Fields of a schema, nested ones included. */
const MAX_FIELDS = 100_000;
/** Levels of one dictionary. */
const MAX_LEVELS = 10_000_000;
const BLOCK_BYTES = 24;
/** "ARROW1" at the end, and before it the footer's length. */
const TAIL_BYTES = 10;

/** Messages that a decoder may trust. */
export interface Messages {
  /** The schema, dictionaries before the batches that use them, batches. */
  readonly parts: Uint8Array[];
  /** Why a column cannot be read, by its place among the columns. */
  readonly unsupported: ReadonlyMap<number, string>;
}

/**
 * The messages of a file: all dictionaries come first, since some writers put them last.
 *
 * @throws RangeError if a size does not fit; BailiwickError COLUMN_TYPE for an unknown type.
 */
export function messagesOfFile(bytes: Uint8Array): Messages {
  const view = viewOf(bytes);
  const tail = bytes.length - TAIL_BYTES;
  const footer = follow(view, tail - view.getInt32(tail, true));
  const unsupported = new Map<number, string>();
  const parts = [schemaMessage(view, footer)];
  for (const slot of [8, 10]) {
    const blocks = vector(view, footer, slot, BLOCK_BYTES);
    for (let b = 0; b < blocks.length; b++) {
      const at = Number(view.getBigInt64(blocks.start + b * BLOCK_BYTES, true));
      parts.push(copyMessage(bytes, at));
    }
  }
  for (const part of parts) checkMessage(part, 0, unsupported);
  return { parts, unsupported };
}

/** The messages of a stream, in its order. @throws as `messagesOfFile`. */
export function messagesOfStream(bytes: Uint8Array): Messages {
  // A copy, since typed arrays over it must start at multiples of their element's size.
  const copy = new Uint8Array(bytes);
  const unsupported = new Map<number, string>();
  let at: number | null = 0;
  while (at !== null) at = checkMessage(copy, at, unsupported);
  return { parts: [copy], unsupported };
}

/** Bytes before the footer in the message that `schemaMessage` makes. */
const ENVELOPE = { prefix: 8, vtable: 12, table: 24, footer: 40 };

/**
 * The footer's schema as a stream's first message: a message table, and behind it the bytes from
 * the footer on, in which all offsets are relative. A file's own first message is not to be relied
 * on: polars writes it without its length.
 */
function schemaMessage(view: DataView, footer: number): Uint8Array {
  const schema = reference(view, footer, 6);
  const start = Math.min(footer - view.getInt32(footer, true), footer, schema);
  const content = new Uint8Array(view.buffer, view.byteOffset + start, view.byteLength - start);
  const { prefix, vtable, table, footer: place } = ENVELOPE;
  const bytes = new Uint8Array(place + Math.ceil(content.length / 8) * 8);
  bytes.set(content, place);
  const out = viewOf(bytes);
  out.setInt32(0, CONTINUATION, true);
  out.setInt32(4, bytes.length - prefix, true);
  out.setInt32(prefix, table - prefix, true);
  // Sizes of vtable and table, then the places of version, type, header and body length.
  const layout = [12, 12, 4, 6, 8, 0];
  for (const [slot, size] of layout.entries()) out.setUint16(vtable + 2 * slot, size, true);
  out.setInt32(table, table - vtable, true);
  const version = field(view, footer, 4);
  out.setInt16(table + 4, version === 0 ? 0 : view.getInt16(version, true), true);
  out.setUint8(table + 6, SCHEMA);
  out.setInt32(table + 8, place + schema - start - (table + 8), true);
  return bytes;
}

/** A message's own bytes, which start at a multiple of every element's size. */
function copyMessage(bytes: Uint8Array, start: number): Uint8Array {
  const end = checkMessage(bytes, start, null);
  if (end === null) throw new RangeError("a block holds no message");
  return new Uint8Array(bytes.subarray(start, end));
}

/** Reasons by column, or null to leave the message's content unchecked and unchanged. */
type Unsupported = Map<number, string> | null;

/**
 * Changes the types of the schema that `unsupported` then names.
 *
 * @returns the place of the next message; null where a length of 0 ends the stream.
 */
function checkMessage(bytes: Uint8Array, start: number, unsupported: Unsupported): number | null {
  const whole = viewOf(bytes);
  const marked = whole.getInt32(start, true) === CONTINUATION;
  const at = start + (marked ? 4 : 0);
  const length = whole.getInt32(at, true);
  if (length === 0) return null;
  const end = at + 4 + length;
  if (length < 0 || end > bytes.length) throw new RangeError("a message is cut");
  const view = viewOf(bytes.subarray(at + 4, end));
  const message = follow(view, 0);
  if (unsupported !== null) checkHeader(view, message, unsupported);
  const bodyLength = field(view, message, 10);
  return end + (bodyLength === 0 ? 0 : Number(view.getBigInt64(bodyLength, true)));
}

function checkHeader(view: DataView, message: number, unsupported: Map<number, string>): void {
  const header = reference(view, message, 8);
  const type = view.getUint8(field(view, message, 6));
  if (type === SCHEMA) checkSchema(view, header, unsupported);
  else if (type === RECORD_BATCH) checkBatch(view, header);
  else if (type === DICTIONARY_BATCH) {
    const batch = reference(view, header, 6);
    checkBatch(view, batch);
    checkLevels(view, batch);
  }
}

function checkSchema(view: DataView, schema: number, unsupported: Map<number, string>): void {
  vector(view, schema, 8, 4);
  const budget = { left: MAX_FIELDS };
  let place = 0;
  eachTable(view, schema, 6, (child) => {
    const note = (why: string): unknown => unsupported.set(place, why);
    checkField(view, child, { depth: 0, budget, note });
    place++;
  });
}

interface FieldContext {
  readonly depth: number;
  readonly budget: { left: number };
  note(why: string): unknown;
}

function checkField(view: DataView, table: number, context: FieldContext): void {
  const { depth, budget, note } = context;
  budget.left--;
  if (depth > MAX_DEPTH || budget.left < 0) throw new RangeError("its schema is too large");
  vector(view, table, 16, 4);
  const type = field(view, table, 8);
  const id = type === 0 ? 0 : view.getUint8(type);
  if (id === UNION) vector(view, reference(view, table, 10), 6, 4);
  if (id === INT) replaceLong(view, reference(view, table, 10), note);
  if (id === DECIMAL) replaceNegative(view, reference(view, table, 10), note);
  if (id > LARGE_LIST_VIEW) {
    const message = `columns must have Arrow types up to number ${LARGE_LIST_VIEW}, found ${id}`;
    throw new BailiwickError("COLUMN_TYPE", `${message}, which is not supported`, { type: id });
  }
  const inner = { ...context, depth: depth + 1 };
  eachTable(view, table, 14, (child) => checkField(view, child, inner));
}

/** Integers of 128 bits are decoded as twice as many of 64. Modifies the schema. */
function replaceLong(view: DataView, int: number, note: FieldContext["note"]): void {
  const at = field(view, int, 4);
  if (at === 0 || view.getInt32(at, true) <= 64) return;
  note(`integers of ${view.getInt32(at, true)} bits`);
  view.setInt32(at, 64, true);
}

/** Decimals of a negative scale are decoded as whole numbers. Modifies the schema. */
function replaceNegative(view: DataView, decimal: number, note: FieldContext["note"]): void {
  const at = field(view, decimal, 6);
  if (at === 0 || view.getInt32(at, true) >= 0) return;
  note("decimals of a negative scale");
  view.setInt32(at, 0, true);
}

function checkBatch(view: DataView, batch: number): void {
  vector(view, batch, 6, 16);
  const buffers = vector(view, batch, 8, 16);
  const variadic = vector(view, batch, 12, 8);
  for (let v = 0; v < variadic.length; v++) {
    if (view.getBigInt64(variadic.start + v * 8, true) > buffers.length) {
      throw new RangeError("a column has more buffers than there are");
    }
  }
}

function checkLevels(view: DataView, batch: number): void {
  const nodes = vector(view, batch, 6, 16);
  for (let n = 0; n < nodes.length; n++) {
    if (view.getBigInt64(nodes.start + n * 16, true) > MAX_LEVELS) {
      throw new RangeError(`a dictionary has more than ${MAX_LEVELS} levels`);
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The place that the offset at `at` points to. */
function follow(view: DataView, at: number): number {
  return at + view.getInt32(at, true);
}

/** The place of a table's field; 0 if the table lacks it. */
function field(view: DataView, table: number, slot: number): number {
  const layout = table - view.getInt32(table, true);
  const offset = slot < view.getUint16(layout, true) ? view.getUint16(layout + slot, true) : 0;
  return offset === 0 ? 0 : table + offset;
}

/** The table that a field points to. */
function reference(view: DataView, table: number, slot: number): number {
  const at = field(view, table, slot);
  if (at === 0) throw new RangeError("a part of the metadata is missing");
  return follow(view, at);
}

function vector(
  view: DataView,
  table: number,
  slot: number,
  elementBytes: number,
): { readonly start: number; readonly length: number } {
  const at = field(view, table, slot);
  if (at === 0) return { start: 0, length: 0 };
  const start = follow(view, at) + 4;
  const length = view.getInt32(start - 4, true);
  if (length < 0 || start + length * elementBytes > view.byteLength) {
    throw new RangeError("a list in the metadata is cut");
  }
  return { start, length };
}

function eachTable(
  view: DataView,
  table: number,
  slot: number,
  visit: (table: number) => void,
): void {
  const { start, length } = vector(view, table, slot, 4);
  for (let i = 0; i < length; i++) visit(follow(view, start + 4 * i));
}
