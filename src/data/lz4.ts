/**
 * Unpacks LZ4 frames, the packing of Arrow's buffers: a header, then blocks, plain or compressed.
 *
 * The packages for it are native, or misread frames with block checksums. A compressed block is a
 * list of sequences: some plain bytes, then a copy of bytes that were unpacked before. Checksums
 * are skipped, since the caller checks the unpacked length.
 *
 * Source: LZ4 Frame Format Description 1.6.4 and LZ4 Block Format Description.
 */

const MAGIC = 0x184d2204;
const VERSION_1 = 1;
const MIN_COPY = 4;
/** This value in a count's first four bits means that the next bytes belong to the count. */
const GOES_ON = 15;

/**
 * @returns the number of bytes written.
 * @throws RangeError if `packed` is not such a frame or does not fit `out`. Modifies `out`.
 */
export function unpackLz4(packed: Uint8Array, out: Uint8Array): number {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const flags = view.getUint8(4);
  if (view.getUint32(0, true) !== MAGIC || flags >> 6 !== VERSION_1) {
    throw new RangeError("not an LZ4 frame");
  }
  const hasContentSize = (flags & 8) !== 0;
  const hasDictionary = (flags & 1) !== 0;
  const checksumBytes = (flags & 16) !== 0 ? 4 : 0;
  let at = 7 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  let filled = 0;
  for (;;) {
    const size = view.getUint32(at, true);
    if (size === 0) return filled;
    const plain = size >>> 31 === 1;
    const end = at + 4 + (size & 0x7fffffff);
    if (end > packed.length) throw new RangeError("a block is cut");
    const block = packed.subarray(at + 4, end);
    filled = plain ? append(out, filled, block) : unpackBlock(block, out, filled);
    at = end + checksumBytes;
  }
}

function append(out: Uint8Array, filled: number, bytes: Uint8Array): number {
  out.set(bytes, filled);
  return filled + bytes.length;
}

function unpackBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let at = 0;
  let filled = start;
  const count = (first: number): number => {
    let total = first;
    for (let byte = first === GOES_ON ? 255 : 0; byte === 255; total += byte) {
      if (at >= block.length) throw new RangeError("a count is cut");
      byte = block[at++]!;
    }
    return total;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const nPlain = count(token >> 4);
    if (at + nPlain > block.length) throw new RangeError("plain bytes are cut");
    filled = append(out, filled, block.subarray(at, at + nPlain));
    at += nPlain;
    if (at === block.length) break;
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    filled = copyBack(out, filled, distance, count(token & GOES_ON) + MIN_COPY);
  }
  return filled;
}

/** Copies bytes from `distance` before; a distance below the count repeats what it copies. */
function copyBack(out: Uint8Array, filled: number, distance: number, nBytes: number): number {
  const end = filled + nBytes;
  if (distance === 0 || distance > filled || end > out.length) {
    throw new RangeError("a copy lies outside the buffer");
  }
  for (let i = filled; i < end; i++) out[i] = out[i - distance]!;
  return end;
}
