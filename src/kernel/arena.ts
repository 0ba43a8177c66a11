/**
 * Blocks of WebAssembly memory: allocated, released, and grown when no block is free.
 *
 * Every arena owns only the pages that it grew. Growing is atomic and gives each caller separate
 * pages, so threads that share a memory need no other agreement. Growing makes a new buffer: get a
 * view when it is needed, and do not keep one across `allocate`.
 */
import { BailiwickError } from "../shared/errors.ts";
import { PAGE_BYTES, type WasmMemory } from "./webassembly.ts";

/** A cache line, and a multiple of every vector. */
const ALIGNMENT = 64;
/** The memory grows by at least this, so that small blocks share pages. */
const GROWTH_PAGES = 16;

export interface Block {
  /** In bytes, a multiple of 64. */
  readonly address: number;
  readonly bytes: number;
}

export interface Arena {
  /** A block of zeros. @throws MEMORY_EXCEEDED if the memory cannot grow enough. */
  allocate(bytes: number): Block;
  /** Releases a block, once. */
  free(block: Block): void;
  /** The whole memory; entry a / 4 is at address a. */
  floats(): Float32Array;
  words(): Uint32Array;
  /** `count` integers from an address. */
  integers(address: number, count: number): Int32Array;
  /** Bytes of the pages this arena grew, and of those the bytes in blocks. */
  readonly reservedBytes: number;
  readonly usedBytes: number;
}

export function createArena(memory: WasmMemory): Arena {
  const free: Block[] = [];
  let reservedBytes = 0;
  let usedBytes = 0;
  let floats = new Float32Array(memory.buffer);
  let words = new Uint32Array(memory.buffer);
  const wholeFloats = (): Float32Array => {
    if (floats.buffer !== memory.buffer) floats = new Float32Array(memory.buffer);
    return floats;
  };
  return {
    allocate(bytes) {
      const size = Math.ceil(Math.max(1, bytes) / ALIGNMENT) * ALIGNMENT;
      let block = takeFree(free, size);
      if (block === undefined) {
        const grown = grow(memory, size);
        reservedBytes += grown.bytes;
        insertFree(free, grown);
        block = takeFree(free, size)!;
      }
      usedBytes += size;
      wholeFloats().fill(0, block.address / 4, (block.address + size) / 4);
      return block;
    },
    free(block) {
      usedBytes -= block.bytes;
      insertFree(free, block);
    },
    floats: wholeFloats,
    words() {
      if (words.buffer !== memory.buffer) words = new Uint32Array(memory.buffer);
      return words;
    },
    integers: (address, count) => new Int32Array(memory.buffer, address, count),
    get reservedBytes() {
      return reservedBytes;
    },
    get usedBytes() {
      return usedBytes;
    },
  };
}

/** The first free block that is large enough, cut to size. Modifies `free`. */
function takeFree(free: Block[], bytes: number): Block | undefined {
  const place = free.findIndex((block) => block.bytes >= bytes);
  const block = free[place];
  if (block === undefined) return undefined;
  const rest = { address: block.address + bytes, bytes: block.bytes - bytes };
  free.splice(place, 1, ...(rest.bytes > 0 ? [rest] : []));
  return { address: block.address, bytes };
}

/** Puts a block among the free ones, in order of address, joined to its neighbours. */
function insertFree(free: Block[], block: Block): void {
  const after = free.findIndex((other) => other.address > block.address);
  const place = after < 0 ? free.length : after;
  const before = free[place - 1];
  const next = free[place];
  const joinsBefore = before !== undefined && before.address + before.bytes === block.address;
  const joinsNext = next !== undefined && block.address + block.bytes === next.address;
  const address = joinsBefore ? before.address : block.address;
  const end = joinsNext ? next.address + next.bytes : block.address + block.bytes;
  const first = joinsBefore ? place - 1 : place;
  const joined = Number(joinsBefore) + Number(joinsNext);
  free.splice(first, joined, { address, bytes: end - address });
}

/** Fresh pages, at least `bytes`. */
function grow(memory: WasmMemory, bytes: number): Block {
  const pages = Math.max(Math.ceil(bytes / PAGE_BYTES), GROWTH_PAGES);
  try {
    return { address: memory.grow(pages) * PAGE_BYTES, bytes: pages * PAGE_BYTES };
  } catch (cause) {
    const memoryBytes = memory.buffer.byteLength;
    throw new BailiwickError(
      "MEMORY_EXCEEDED",
      `the kernel's memory must have room for ${bytes} bytes more, it cannot grow beyond its ` +
        `${memoryBytes} bytes by as much`,
      { bytes, memoryBytes },
      cause,
    );
  }
}
