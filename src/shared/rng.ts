/**
 * Seeded randomness, always passed as a parameter.
 *
 * The generator is xoroshiro128+ from pure-rand; this file adds the few shapes the method draws.
 * A task that may run on another thread gets a seed of its own (`childSeed`), so that results do
 * not depend on who ran first.
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface Rng {
  /** Uniform on [0, 1), 32 random bits. */
  uniform(): number;
  /** Uniform integer on [0, n). */
  int(n: number): number;
  /** Standard normal (Box & Muller 1958). */
  normal(): number;
}

export function createRng(seed: number): Rng {
  const generator = xoroshiro128plus(seed | 0);
  const uniform = (): number => (generator.next() >>> 0) / 2 ** 32;
  return {
    uniform,
    int: (n) => Math.floor(uniform() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** Shuffles `items` in place (Fisher & Yates). Modifies `items`. */
export function shuffle(items: { [index: number]: number; length: number }, rng: Rng): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    const held = items[i]!;
    items[i] = items[j]!;
    items[j] = held;
  }
}

/**
 * A seed for part `label` of the work seeded by `seed`: equal inputs give equal seeds, and
 * different labels give unrelated ones (FNV-1a over the label, mixed with the seed).
 */
export function childSeed(seed: number, label: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < label.length; i++) {
    hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) >>> 0;
  return (hash ^ (hash >>> 15)) | 0;
}
