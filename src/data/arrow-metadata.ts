/**
 * Checks the sizes that an Arrow file's metadata claims, before a decoder believes them.
 *
 * Metadata are flatbuffers: tables whose fields are offsets to vectors, each with its length in
 * front. A damaged length makes a decoder loop or allocate without end. Here every vector must lie
 * within its buffer, and dictionaries, which are unpacked at once, must be of a plausible length.
 * Views throw RangeError for whatever else lies outside.
 *
 * Source: format/Message.fbs, Schema.fbs and File.fbs of Apache Arrow (the slot numbers).
 */

const CONTINUATION = -1;
const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
const UNION = 14;
const MAX_DEPTH = 16;
/** Of fields in a schema, nested ones included. */
const MAX_FIELDS = 100_000;
/** Of one dictionary. */
const MAX_LEVELS = 10_000_000;
const BLOCK_BYTES = 24;
/** "ARROW1" at the end, and before it the footer's length. */
const TAIL_BYTES = 10;

/** @throws RangeError if a size does not fit. */
export function checkFileMetadata(bytes: Uint8Array): void {
  const view = viewOf(bytes);
  const tail = bytes.length - TAIL_BYTES;
  const footer = follow(view, tail - view.getInt32(tail, true));
  checkSchema(view, reference(view, footer, 6));
  for (const slot of [8, 10]) {
    const blocks = vector(view, footer, slot, BLOCK_BYTES);
    for (let b = 0; b < blocks.length; b++) {
      const at = Number(view.getBigInt64(blocks.start + b * BLOCK_BYTES, true));
      if (checkMessage(bytes, at) === null) throw new RangeError("a block holds no message");
    }
  }
}

/** @throws RangeError if a size does not fit. */
export function checkStreamMetadata(bytes: Uint8Array): void {
  let at: number | null = 0;
  while (at !== null) at = checkMessage(bytes, at);
}

/** @returns where the next message begins; null where a length of 0 ends the stream. */
function checkMessage(bytes: Uint8Array, start: number): number | null {
  const whole = viewOf(bytes);
  const marked = whole.getInt32(start, true) === CONTINUATION;
  const at = start + (marked ? 4 : 0);
  const length = whole.getInt32(at, true);
  if (length === 0) return null;
  const end = at + 4 + length;
  if (length < 0 || end > bytes.length) throw new RangeError("a message is cut");
  const view = viewOf(bytes.subarray(at + 4, end));
  const message = follow(view, 0);
  const header = reference(view, message, 8);
  const type = view.getUint8(field(view, message, 6));
  if (type === SCHEMA) checkSchema(view, header);
  if (type === RECORD_BATCH) checkBatch(view, header);
  if (type === DICTIONARY_BATCH) {
    const batch = reference(view, header, 6);
    checkBatch(view, batch);
    checkLevels(view, batch);
  }
  const bodyLength = field(view, message, 10);
  return end + (bodyLength === 0 ? 0 : Number(view.getBigInt64(bodyLength, true)));
}

function checkSchema(view: DataView, schema: number): void {
  vector(view, schema, 8, 4);
  const budget = { left: MAX_FIELDS };
  eachTable(view, schema, 6, (child) => checkField(view, child, { depth: 0, budget }));
}

function checkField(
  view: DataView,
  table: number,
  { depth, budget }: { readonly depth: number; readonly budget: { left: number } },
): void {
  budget.left--;
  if (depth > MAX_DEPTH || budget.left < 0) throw new RangeError("its schema is too large");
  vector(view, table, 16, 4);
  const type = field(view, table, 8);
  if (type !== 0 && view.getUint8(type) === UNION) vector(view, reference(view, table, 10), 6, 4);
  eachTable(view, table, 14, (child) => checkField(view, child, { depth: depth + 1, budget }));
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

/** What the offset at `at` points to. */
function follow(view: DataView, at: number): number {
  return at + view.getInt32(at, true);
}

/** Where a table's field lies; 0 if the table has none. */
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
