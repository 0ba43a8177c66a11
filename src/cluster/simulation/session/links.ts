/**
 * Recorded links: what each could carry in every second, up and down. After its end, a record
 * begins again.
 */
import { z } from "zod";
import { BailiwickError } from "../../../shared/errors.ts";
import { parseJsonFile } from "../../../shared/json.ts";

export interface RecordedLink {
  readonly name: string;
  readonly seconds: number;
  readonly up: Carried;
  readonly down: Carried;
}

/** What one way of a link can carry. */
export interface Carried {
  /** Bytes from the start to a moment, in seconds. */
  by(seconds: number): number;
  /** The moment by which that number of bytes can be carried. */
  momentOf(bytes: number): number;
}

const MOST_SECONDS = 100_000;
const MOST_BYTES = 1e11;

const waySchema = z.array(z.number().min(0).max(MOST_BYTES)).min(1).max(MOST_SECONDS);
const schema = z.strictObject({
  unit: z.string().max(1000).optional(),
  links: z.record(
    z.string().min(1).max(200),
    z
      .strictObject({ up: waySchema, down: waySchema })
      .refine(({ up, down }) => up.length === down.length, "up and down must be of equal length"),
  ),
});

/** @throws CONFIG_INVALID naming what is wrong, a way that carries nothing too. */
export function parseLinks(text: string): readonly RecordedLink[] {
  const { links } = parseJsonFile("the recorded links", schema, text);
  return Object.entries(links).map(([name, { up, down }]) => {
    return { name, seconds: up.length, up: carriedBy(name, up), down: carriedBy(name, down) };
  });
}

/** @throws CONFIG_INVALID for a way that carries nothing. */
export function carriedBy(name: string, bytesPerSecond: readonly number[]): Carried {
  const n = bytesPerSecond.length;
  const sums = new Float64Array(n + 1);
  bytesPerSecond.forEach((bytes, s) => {
    sums[s + 1] = sums[s]! + bytes;
  });
  const total = sums[n]!;
  if (total < 1) {
    const message = `link "${name}" must carry something each way, one carries nothing`;
    throw new BailiwickError("CONFIG_INVALID", message, { name });
  }
  return {
    by: (seconds) => {
      const rounds = Math.floor(seconds / n);
      const within = seconds - rounds * n;
      const s = Math.min(n - 1, Math.floor(within));
      return rounds * total + sums[s]! + (within - s) * bytesPerSecond[s]!;
    },
    momentOf: (bytes) => {
      const rounds = Math.floor(bytes / total);
      const left = bytes - rounds * total;
      const s = secondOf(sums, left);
      const rate = bytesPerSecond[s]!;
      return rounds * n + s + (rate === 0 ? 0 : (left - sums[s]!) / rate);
    },
  };
}

/** The last second that begins with fewer bytes carried than that. */
function secondOf(sums: Float64Array, bytes: number): number {
  let [low, high] = [0, sums.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sums[middle]! < bytes || middle === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
