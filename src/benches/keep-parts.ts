/** What an earlier run of a bench measured, and a run of some of its parts did not. */
import { z } from "zod";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";
import type { BenchDocument } from "./figures.ts";
import { parseFinished } from "./finished.ts";

const MOST_RESULT_BYTES = 50_000_000;

const schema = z.object({
  bench: z.string(),
  versions: z.record(z.string(), z.string()),
  measurements: z.record(z.string(), z.unknown()),
  figures: z.array(
    z.object({
      name: z.string(),
      value: z.number().nullable(),
      unit: z.string(),
      must: z.string(),
      ok: z.boolean().nullable(),
      how: z.string(),
    }),
  ),
});

/**
 * The document, with measurements and figures of an earlier result where it has none: null, or a
 * list without entries. Figures keep the earlier order; new ones come last.
 *
 * @param text - The earlier result.json.
 * @throws CONFIG_INVALID if it is no result of this bench.
 */
export function keepParts<M extends object>(now: BenchDocument<M>, text: string): BenchDocument<M> {
  const earlier = parseFinished(schema, text, "the earlier result.json");
  if (earlier.bench !== now.bench) {
    const message = `the earlier result.json must be of ${now.bench}, it is of ${earlier.bench}`;
    throw new BailiwickError("CONFIG_INVALID", message);
  }
  const measured = Object.entries(now.measurements).map(([part, value]) => {
    const isMissing = value === null || (Array.isArray(value) && value.length === 0);
    return [part, isMissing ? (earlier.measurements[part] ?? value) : value] as const;
  });
  const fresh = new Map(now.figures.map((figure) => [figure.name, figure]));
  const kept = earlier.figures.map((figure) => fresh.get(figure.name) ?? figure);
  const known = new Set(earlier.figures.map(({ name }) => name));
  return {
    ...now,
    versions: { ...earlier.versions, ...now.versions },
    // Written by this bench, and only copied.
    measurements: Object.fromEntries(measured) as M,
    figures: [...kept, ...now.figures.filter(({ name }) => !known.has(name))],
  };
}

/** With what the result at `path` has of other parts, if there is one. @throws CONFIG_INVALID */
export async function withEarlier<M extends object>(
  document: BenchDocument<M>,
  path: string,
): Promise<BenchDocument<M>> {
  const limits = { maxBytes: MOST_RESULT_BYTES, missing: "FILE_NOT_FOUND" } as const;
  try {
    return keepParts(document, await readTextFile(path, { ...limits, tooLarge: "DATA_TOO_LARGE" }));
  } catch (error) {
    if (error instanceof BailiwickError && error.code === "FILE_NOT_FOUND") return document;
    throw error;
  }
}
