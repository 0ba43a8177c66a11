/** `bailiwick fit --sites`: a model of rows that stay at sites. */
import { lockBundleFolder, writeBundle } from "../bundle/index.ts";
import type { Fabric } from "../cluster/fabric/index.ts";
import {
  DEFAULT_SUMS,
  type FittedSites,
  fitSites,
  type SumOptions,
  siteName,
} from "../cluster/sites/index.ts";
import { expectationInWords, expertId } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { count, figure, percent } from "../shared/wording.ts";
import { connectFabric, processName } from "./connect-fabric.ts";
import { EMBEDDED, type FabricFlags } from "./fabric-options.ts";
import { formatTable, note, printJson, printLine, warn } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface FitSitesFlags extends FabricFlags {
  readonly sites: readonly string[];
  readonly out: string;
  readonly experts?: number | readonly number[] | undefined;
  readonly seed?: number | undefined;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** What a fit of sites takes of the options of `fit`. */
const TAKEN = ["sites", "out", "experts", "seed", "force", "json", "quiet", "verbose", "report"];
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
  checkFlags(data, flags);
  const sites = flags.sites.map(siteName);
  const { out, experts, seed, force, json } = flags;
  const options: SumOptions = {
    ...DEFAULT_SUMS,
    ...(experts === undefined ? {} : { experts: [experts].flat() }),
    ...(seed === undefined ? {} : { seed }),
  };
  const lock = await lockBundleFolder(out);
  const bar = createProgressBar();
  let fabric: Fabric | null = null;
  try {
    await checkOutput();
    fabric = await connectFabric(flags, `fit-${processName()}`);
    const fitted = await fitSites(fabric, sites, { ...options, log: note, progress: bar.report });
    bar.stop();
    fitted.notes.forEach(warn);
    const { version, digest } = await writeBundle(out, fitted.content, {
      lock,
      ...(force === undefined ? {} : { force }),
    });
    const { expectation, verdict, nRows } = fitted;
    if (json === true) printJson({ out, version, digest, nRows, expectation, verdict });
    else printLine(inWords(fitted, sites.length));
    note(`wrote ${out}`);
  } finally {
    bar.stop();
    await fabric?.close();
    await lock.release();
  }
}

function checkFlags(data: string | undefined, flags: FitSitesFlags): void {
  const refused = (message: string): BailiwickError =>
    new BailiwickError("INVALID_OPTION", message);
  if (flags.fabric === EMBEDDED) {
    throw refused("--sites needs --fabric, the NATS server that the sites are connected to");
  }
  if (data !== undefined) {
    throw refused(`with --sites the rows are at the sites, got the data ${data}`);
  }
  const other = Object.keys(flags).find((name) => ![...TAKEN, ...OF_FABRIC].includes(name));
  if (other !== undefined) throw refused(`--sites goes without the option ${other}`);
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
