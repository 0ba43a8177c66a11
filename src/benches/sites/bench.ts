/**
 * `bailiwick bench sites`: is a fit of rows that stay at sites as exact, as cheap and as good as is
 * said? Sums are real ones of sites in this process, over the messages of a fabric.
 */
import { createNetGradients } from "../../experts/index.ts";
import type { Executor } from "../../mixture/index.ts";
import type { SitesPart } from "../../shared/choices.ts";
import type { Progress } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { finishRows } from "../finished.ts";
import { measureAccounting } from "./accounting.ts";
import { SETS } from "./cases.ts";
import { compareSet } from "./compare.ts";
import type { ComparedRow } from "./compared-row.ts";
import { measureExactness } from "./exactness.ts";
import { type SitesMeasurements, sitesFigures } from "./figures.ts";
import { measurePrivate } from "./private.ts";
import { measureMasked, measureRegional } from "./traffic.ts";

export interface SitesBenchOptions {
  readonly parts: readonly SitesPart[];
  /** Default: all. */
  readonly sets?: readonly string[] | undefined;
  readonly seeds: readonly number[];
  /** Rows of an earlier run: not measured again. */
  readonly finished: readonly ComparedRow[];
  /** Folder of the data sets of the part private. */
  readonly mirror?: string | undefined;
  readonly command: string;
}

/** @param onRow - Called with each compared set when it is measured. */
export async function benchSites(
  options: SitesBenchOptions,
  executor: Executor,
  progress: Progress,
  onRow: (row: ComparedRow) => Promise<void>,
): Promise<BenchDocument<SitesMeasurements>> {
  const { parts, seeds, sets = SETS, finished, mirror, command } = options;
  const engine = await createNetGradients();
  const part = async <T>(name: SitesPart, measure: () => Promise<T>): Promise<T | null> => {
    if (!parts.includes(name)) return null;
    progress(name, parts.indexOf(name) / parts.length);
    return measure();
  };
  const exactness = await part("exactness", () => measureExactness(engine));
  const traffic = await part("traffic", async () => {
    return { masked: await measureMasked(engine), regional: await measureRegional(engine) };
  });
  const accounting = await part("accounting", measureAccounting);
  const privately = await part("private", () => measurePrivate(engine, mirror));
  const wanted = seeds.flatMap((seed) => sets.map((set) => ({ set, seed })));
  const compared = await part("errors", () =>
    finishRows(wanted, {
      knownOf: ({ set, seed }) => finished.find((row) => row.set === set && row.seed === seed),
      measure: ({ set, seed }, done, left) => {
        progress(`${set}, seed ${seed}`, (parts.length - 1 + done / left) / parts.length);
        return compareSet(set, seed, { engine, executor });
      },
      onFinished: onRow,
    }),
  );
  const measurements: SitesMeasurements = {
    exactness,
    regional: traffic?.regional ?? null,
    masked: traffic?.masked ?? null,
    accounting,
    private: privately,
    compared: compared ?? [],
  };
  const figures = sitesFigures(measurements);
  return benchDocument({ bench: "sites", command, versions: {}, measurements, figures });
}
