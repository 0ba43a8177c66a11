/** `bailiwick fit --sites`: a model of rows that stay at sites. */
import { type BundleContent, lockBundleFolder, writeBundle } from "../bundle/index.ts";
import type { Fabric } from "../cluster/fabric/index.ts";
import {
  DEFAULT_DELTA,
  DEFAULT_SUMS,
  type FittedSites,
  fitPrivately,
  fitSites,
  parseBounds,
  type SiteName,
  type SumOptions,
  siteName,
} from "../cluster/sites/index.ts";
import { expectationInWords, expertId } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";
import { count, figure, percent } from "../shared/wording.ts";
import { connectFabric, processName } from "./connect-fabric.ts";
import { EMBEDDED, type FabricFlags } from "./fabric-options.ts";
import { formatTable, note, printJson, printLine, warn } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";
import { readConfig } from "./read-config.ts";

export interface FitSitesFlags extends FabricFlags {
  readonly sites: readonly string[];
  readonly out: string;
  readonly experts?: number | readonly number[] | undefined;
  readonly seed?: number | undefined;
  readonly epsilon?: number | undefined;
  readonly delta?: number | undefined;
  readonly bounds?: string | undefined;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** What a fit of sites takes of the options of `fit`. */
const TAKEN = ["sites", "out", "experts", "seed", "force", "json", "quiet", "verbose", "report"];
/** And a private one; its noise has no seed. */
const TAKEN_PRIVATELY = [
  ...["sites", "out", "epsilon", "delta", "bounds"],
  ...["force", "json", "quiet", "verbose", "report"],
];
const OF_FABRIC = ["fabric", "credentials", "tlsCa", "tlsCert", "tlsKey"];

/**
 * @param checkOutput - Checks the bundle's folder, once that is locked.
 * @throws INVALID_OPTION without a fabric, and for an option that only a fit of rows here takes.
 */
export async function fitSitesCommand(
  data: string | undefined,
  flags: FitSitesFlags,
  checkOutput: () => Promise<void>,
): Promise<void> {
  const isPrivate = flags.epsilon !== undefined;
  checkFlags(data, flags, isPrivate ? TAKEN_PRIVATELY : TAKEN);
  const sites = flags.sites.map(siteName);
  const fit = isPrivate ? await privateFit(flags) : plainFit(flags);
  const { out, force, json } = flags;
  const lock = await lockBundleFolder(out);
  const bar = createProgressBar();
  let fabric: Fabric | null = null;
  try {
    await checkOutput();
    fabric = await connectFabric(flags, `fit-${processName()}`);
    const fitted = await fit(fabric, sites, bar.report);
    bar.stop();
    fitted.warnings.forEach(warn);
    const { version, digest } = await writeBundle(out, fitted.content, {
      lock,
      ...(force === undefined ? {} : { force }),
    });
    if (json === true) printJson({ out, version, digest, ...fitted.facts });
    else printLine(fitted.words);
    note(`wrote ${out}`);
  } finally {
    bar.stop();
    await fabric?.close();
    await lock.release();
  }
}

/** A fit, and what is printed of it. */
type Fit = (
  fabric: Fabric,
  sites: readonly SiteName[],
  progress: Progress,
) => Promise<{
  readonly content: BundleContent;
  readonly warnings: readonly string[];
  readonly words: string;
  readonly facts: object;
}>;

function plainFit({ experts, seed }: FitSitesFlags): Fit {
  const options: SumOptions = {
    ...DEFAULT_SUMS,
    ...(experts === undefined ? {} : { experts: [experts].flat() }),
    ...(seed === undefined ? {} : { seed }),
  };
  return async (fabric, sites, progress) => {
    const fitted = await fitSites(fabric, sites, { ...options, log: note, progress });
    const { content, expectation, verdict, nRows, notes } = fitted;
    const facts = { nRows, expectation, verdict };
    return { content, warnings: notes, words: inWords(fitted, sites.length), facts };
  };
}

/** @throws CONFIG_INVALID as `parseBounds`; INVALID_OPTION without bounds. */
async function privateFit({
  epsilon,
  delta = DEFAULT_DELTA,
  bounds: path,
}: FitSitesFlags): Promise<Fit> {
  if (path === undefined) {
    const message = "--epsilon needs --bounds, a file of what is publicly known of the columns";
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const bounds = parseBounds(await readConfig(path), path);
  const options = { bounds, epsilon: epsilon!, delta };
  return async (fabric, sites, progress) => {
    const fitted = await fitPrivately(fabric, sites, { ...options, log: note, progress });
    const { content, nRows, sums, added } = fitted;
    const { degree } = fitted.expert;
    const kind = degree === 2 ? "a quadratic ridge" : "a ridge";
    const words = [
      `${kind} of about ${count(nRows, "row")} that stay at ${count(sites.length, "site")}`,
      `ε ${figure(fitted.epsilon)}, δ ${delta} for a row; ${count(sums, "sum")} with noise`,
      `noise adds ${percent(added)} of the target's variance to the squared error at least`,
    ].join("\n");
    const facts = { nRows, epsilon: fitted.epsilon, delta, sums, added, degree };
    return { content, warnings: [], words, facts };
  };
}

function checkFlags(
  data: string | undefined,
  flags: FitSitesFlags,
  taken: readonly string[],
): void {
  const refused = (message: string): BailiwickError =>
    new BailiwickError("INVALID_OPTION", message);
  if (flags.fabric === EMBEDDED) {
    throw refused("--sites needs --fabric, the NATS server that the sites are connected to");
  }
  if (data !== undefined) {
    throw refused(`with --sites the rows are at the sites, got the data ${data}`);
  }
  const other = Object.keys(flags).find((name) => ![...taken, ...OF_FABRIC].includes(name));
  if (other === undefined) return;
  if (other === "bounds" || other === "delta") throw refused(`--${other} needs --epsilon`);
  const goes = taken === TAKEN ? "--sites goes" : "--sites with --epsilon goes";
  throw refused(`${goes} without the option ${other}`);
}

function inWords(fitted: FittedSites, nSites: number): string {
  const { expectation, verdict, nRows, experts } = fitted;
  const rows = expectation.leaderboard.map((own) => [own.kind, figure(own.rmse)]);
  const regimes = experts.map(({ share, residuals }, k) => {
    const rmse = figure(Math.sqrt(residuals.meanSquaredError));
    return `  ${expertId(0, k)}: ${percent(share)} of rows, held-out rmse ${rmse}`;
  });
  return [
    expectationInWords(expectation),
    `${count(nRows, "row")} stay at ${count(nSites, "site")}`,
    "",
    formatTable(["kind", "held-out rmse"], rows),
    ...(regimes.length > 1 ? ["", `${count(regimes.length, "regime")}:`, ...regimes] : []),
    "",
    `partitioning: ${verdict.partitioning}`,
    `  ${verdict.why}`,
  ].join("\n");
}
