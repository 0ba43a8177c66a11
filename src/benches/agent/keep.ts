/** What an earlier run of the agent's bench measured, and this one did not. */
import { z } from "zod";
import type { BenchDocument } from "../figures.ts";
import { parseFinished } from "../finished.ts";
import type { AgentBenchMeasurements } from "./bench.ts";

const schema = z.object({
  bench: z.literal("agent"),
  versions: z.record(z.string(), z.string()),
  // Written by this bench, and only copied.
  measurements: z.custom<AgentBenchMeasurements>((value) => value instanceof Object),
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
 * The document, with parts and figures of an earlier result where it has none.
 *
 * @param text - The earlier result.json.
 * @throws CONFIG_INVALID if it is no result of this bench.
 */
export function keepParts(
  now: BenchDocument<AgentBenchMeasurements>,
  text: string,
): BenchDocument<AgentBenchMeasurements> {
  const earlier = parseFinished(schema, text, "the earlier result.json");
  const page = now.measurements.page ?? earlier.measurements.page ?? null;
  const split = now.measurements.split ?? earlier.measurements.split ?? null;
  const isNew = new Set(now.figures.map(({ name }) => name));
  const kept = earlier.figures.filter(({ name }) => !isNew.has(name));
  return {
    ...now,
    versions: { ...earlier.versions, ...now.versions },
    measurements: { page, split },
    figures: now.measurements.page === null ? [...kept, ...now.figures] : [...now.figures, ...kept],
  };
}
