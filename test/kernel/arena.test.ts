/**
 * Goal: blocks never overlap, come zeroed, are used again, and the memory grows under them.
 * Method: worked examples, and random takes and returns that write to every block they hold.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arena, type Block, createArena } from "../../src/kernel/arena.ts";
import { createKernelMemory } from "../../src/kernel/index.ts";

const MEBIBYTE = 2 ** 20;

function fill(arena: Arena, { address, bytes }: Block, value: number): void {
  arena.words().fill(value, address / 4, (address + bytes) / 4);
}

function words(arena: Arena, { address, bytes }: Block): Set<number> {
  return new Set(arena.words().subarray(address / 4, (address + bytes) / 4));
}

test("a released block is used again, joined to its neighbours", () => {
  const arena = createArena(createKernelMemory());
  const blocks = [arena.allocate(1000), arena.allocate(3000), arena.allocate(5000)];
  expect(blocks.map(({ bytes }) => bytes)).toEqual([1024, 3008, 5056]);
  for (const block of [blocks[0]!, blocks[2]!, blocks[1]!]) arena.free(block);
  expect(arena.allocate(1024 + 3008 + 5056).address).toBe(blocks[0]!.address);
});

test("a block that was used comes back zeroed", () => {
  const arena = createArena(createKernelMemory());
  const block = arena.allocate(100);
  fill(arena, block, 7);
  arena.free(block);
  expect(words(arena, arena.allocate(100))).toEqual(new Set([0]));
});

test("values survive the growth of the memory", () => {
  const arena = createArena(createKernelMemory());
  const block = arena.allocate(256);
  fill(arena, block, 42);
  const large = arena.allocate(40 * MEBIBYTE);
  fill(arena, large, 43);
  expect(words(arena, block)).toEqual(new Set([42]));
  expect(words(arena, large)).toEqual(new Set([43]));
});

test("MEMORY_EXCEEDED when the memory cannot grow, and what was there goes on", () => {
  const arena = createArena(createKernelMemory(4 * MEBIBYTE));
  const block = arena.allocate(MEBIBYTE);
  fill(arena, block, 5);
  for (const bytes of [4 * MEBIBYTE, 2 ** 40]) {
    expect(() => arena.allocate(bytes)).toThrow(
      expect.objectContaining({
        code: "MEMORY_EXCEEDED",
        details: expect.objectContaining({ bytes }),
      }),
    );
  }
  expect(words(arena, block)).toEqual(new Set([5]));
  expect(arena.allocate(MEBIBYTE).bytes).toBe(MEBIBYTE);
});

test("arenas over one memory never hand out the same bytes", () => {
  const memory = createKernelMemory();
  const arenas = [createArena(memory), createArena(memory)];
  const blocks = Array.from({ length: 40 }, (_, b) => arenas[b % 2]!.allocate(200_000));
  for (const [b, block] of blocks.entries()) fill(arenas[b % 2]!, block, b);
  blocks.forEach((block, b) => {
    expect(words(arenas[b % 2]!, block)).toEqual(new Set([b]));
  });
});

test("random takes and returns: every block keeps what was written to it", () => {
  const move = fc.record({ bytes: fc.integer({ min: 0, max: 300_000 }), victim: fc.nat() });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
      const arena = createArena(createKernelMemory());
      const held = new Map<number, Block>();
      moves.forEach(({ bytes, victim }, m) => {
        if (victim % 3 === 0 && held.size > 0) {
          const [key, block] = [...held][victim % held.size]!;
          arena.free(block);
          held.delete(key);
        } else {
          const block = arena.allocate(bytes);
          expect(block.bytes).toBeGreaterThanOrEqual(bytes);
          fill(arena, block, m);
          held.set(m, block);
        }
      });
      for (const [m, block] of held) expect(words(arena, block)).toEqual(new Set([m]));
      const total = [...held.values()].reduce((sum, { bytes }) => sum + bytes, 0);
      expect(arena.usedBytes).toBe(total);
      expect(arena.reservedBytes).toBeGreaterThanOrEqual(total);
    }),
    { numRuns: 30 },
  );
});
