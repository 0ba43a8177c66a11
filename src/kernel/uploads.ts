/**
 * Arrays copied into the kernel's memory for the time of one call. An array given twice is copied
 * once; nothing is kept from call to call, so that changing an array in between is safe.
 */
import { BailiwickError } from "../shared/errors.ts";
import type { Block } from "./arena.ts";
import type { Kernel } from "./kernel.ts";

export interface Uploads {
  /**
   * The address of a copy of `values`.
   * @throws VALUE_NOT_FINITE, naming the array and the position; MEMORY_EXCEEDED.
   */
  upload(name: string, values: Float32Array): number;
  /** Releases all copies. */
  free(): void;
}

export function createUploads({ arena, calls }: Kernel): Uploads {
  const blocks = new Map<Float32Array, Block>();
  return {
    upload(name, values) {
      const uploaded = blocks.get(values);
      if (uploaded !== undefined) return uploaded.address;
      const block = arena.allocate(values.byteLength);
      arena.floats().set(values, block.address / 4);
      if (calls.allFinite(block.address, values.length) === 0) {
        arena.free(block);
        throw notFinite(name, values);
      }
      blocks.set(values, block);
      return block.address;
    },
    free() {
      for (const block of blocks.values()) arena.free(block);
      blocks.clear();
    },
  };
}

function notFinite(name: string, values: Float32Array): BailiwickError {
  const entry = values.findIndex((value) => !Number.isFinite(value));
  const message = `${name} must be finite, entry ${entry} is ${values[entry]}`;
  return new BailiwickError("VALUE_NOT_FINITE", message, { name, entry });
}
