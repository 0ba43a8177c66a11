/**
 * New labels from labels: a climb that starts from them, with one expert per regime. It labels rows
 * outside of a search, and the rows of a fold without the held-out ones.
 */
import type { Samples } from "../../experts/index.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import { allRows, takeSamples } from "../samples.ts";
import { climbFromLabels, polish } from "./climb.ts";
import type { Climbed } from "./climber.ts";
import { answer, mostResponsible, responsibilities } from "./expectation.ts";
import type { Laws } from "./laws.ts";
import { inliersOf } from "./outliers.ts";

/** Labels of all samples. */
export interface KnownLabels {
  /** Values in [0, nRegimes). Shape (nSamples,). */
  readonly labels: Int32Array;
  readonly nRegimes: number;
  readonly laws: Laws;
}

export interface Relabelled {
  readonly labels: Int32Array;
  /** 0 for rows that no law explains. Shape (nSamples,). */
  readonly inliers: Uint8Array;
  /** Multiply-adds spent. */
  readonly cost: number;
}

/** Most rows of a climb. */
const MAX_ROWS = 20_000;

/** Labels and outliers by laws that climb from the given labels. */
export async function relabel(
  samples: Samples,
  known: KnownLabels,
  seed: number,
  executor: Executor,
): Promise<Relabelled> {
  const { climbed } = await climbSome(samples, known, seed, executor);
  return labelBy(samples, climbed, executor);
}

/**
 * Labels of all samples from those of a part: the part's laws label all samples, and climb again
 * with rows of all, to learn what the part was too small for.
 */
export async function labelAll(
  samples: Samples,
  { part, known }: { readonly part: Samples; readonly known: KnownLabels },
  seed: number,
  executor: Executor,
): Promise<Relabelled> {
  const { climbed: first } = await climbSome(part, known, childSeed(seed, "part"), executor);
  const { labels } = labelBy(samples, first, executor);
  const allSeed = childSeed(seed, "all");
  const { climbed, some } = await climbSome(samples, { ...known, labels }, allSeed, executor);
  const polished = await polish(some, climbed, executor);
  const labelled = labelBy(samples, polished, executor);
  return { ...labelled, cost: first.cost + climbed.cost + polished.cost };
}

async function climbSome(
  samples: Samples,
  { labels, nRegimes, laws }: KnownLabels,
  seed: number,
  executor: Executor,
): Promise<{ readonly climbed: Climbed; readonly some: Samples }> {
  const rows = allRows(samples.y.length);
  if (rows.length > MAX_ROWS) shuffle(rows, createRng(childSeed(seed, "rows to climb on")));
  const part = rows.slice(0, MAX_ROWS).sort();
  const some = part.length === samples.y.length ? samples : takeSamples(samples, part);
  const start = { nExperts: nRegimes, laws, seed, rows: allRows(part.length) };
  const climbed = await climbFromLabels(
    some,
    start,
    part.map((i) => labels[i]!),
    executor,
  );
  return { climbed, some };
}

function labelBy(
  samples: Samples,
  { mixture, nExperts, cost }: Climbed,
  { engine }: Executor,
): Relabelled {
  const answers = answer(engine, mixture, samples);
  const shares = responsibilities(answers, mixture.variance, mixture.outliers);
  const inliers = inliersOf(samples.X, answers, mixture.variance);
  return { labels: mostResponsible(shares, nExperts), inliers, cost };
}
