/**
 * The coordinator's view of sites: the columns that all have, and sums of what all answer. Of three
 * sites or more it sees no part of a sum; of fewer, each would know the other's, so that sites must
 * let their own sums be seen.
 */
import { randomBytes } from "node:crypto";
import type { Fabric } from "../fabric/index.ts";
import { fromWords, LEAST_SITES, type Words } from "../masks/index.ts";
import {
  type AskSum,
  agreedColumns,
  LEAST_ROWS,
  type Query,
  type SiteDescription,
} from "../sums/index.ts";
import { DESCRIBE, readDescription } from "./messages.ts";
import { noiseShares } from "./noise.ts";
import { createPlainSum } from "./plain-sum.ts";
import { createSecureSum, type SecureOptions } from "./secure-sum.ts";
import { linkSites, type SiteLink, type SiteName } from "./site-link.ts";

export interface JoinedSites {
  /** The columns that all sites have, and the number of rows of all. */
  readonly said: SiteDescription;
  /** Of the rows, that a step must draw so that each site draws enough. */
  readonly leastShare: number;
  readonly askSum: AskSum;
  /** The same in fixed point. */
  readonly askWords: (query: Query) => Promise<Words>;
}

export interface AskOptions {
  readonly log: (line: string) => void;
  /** How long a site that does not answer is waited for. */
  readonly patienceMs?: number;
  /** The fit's name, 16 digits in hex. Default: a random one. */
  readonly fit?: string;
}

const PATIENCE_MS = 60_000;
/** Rows that a step should draw at a site, where `LEAST_ROWS` must be drawn. */
const DRAWN_ROWS = 2 * LEAST_ROWS;

/**
 * Asks sites for their columns.
 *
 * @throws SITE_UNAVAILABLE naming the site that does not answer; as `agreedColumns`.
 */
export async function joinSites(
  fabric: Fabric,
  named: readonly SiteName[],
  { log, patienceMs = PATIENCE_MS, fit = newFit() }: AskOptions,
): Promise<JoinedSites> {
  const links = linkSites(fabric, named, patienceMs);
  const described = await Promise.all(
    links.map(async ({ name, ask }) => {
      return { name, said: readDescription(await ask(DESCRIBE, new Uint8Array(0))) };
    }),
  );
  const said = agreedColumns(described);
  const nRows = described.map((own) => own.said.nRows);
  const askWords = wordsOf({ fit, links, log }, nRows);
  return {
    said,
    leastShare: DRAWN_ROWS / said.leastRows,
    askWords,
    askSum: async (query) => fromWords(await askWords(query)),
  };
}

/** Sites of which only noised sums are asked, and nothing before. */
export interface PrivateSites {
  readonly askSum: AskSum;
  /** Noise of a sum of all sites ÷ the noise that is stated, as variances. */
  readonly noiseExcess: number;
}

/** Sends nothing. */
export function joinPrivately(
  fabric: Fabric,
  named: readonly SiteName[],
  { log, patienceMs = PATIENCE_MS, fit = newFit() }: AskOptions,
): PrivateSites {
  const links = linkSites(fabric, named, patienceMs);
  const askWords = wordsOf(
    { fit, links, log },
    links.map(() => 0),
  );
  const names = links.map(({ name }) => name);
  return {
    askSum: async (query) => fromWords(await askWords(query)),
    noiseExcess: names.length / noiseShares(names, isMasked(links)),
  };
}

function wordsOf(
  options: SecureOptions,
  nRows: readonly number[],
): (query: Query) => Promise<Words> {
  return isMasked(options.links) ? createSecureSum(options) : createPlainSum({ ...options, nRows });
}

function isMasked(links: readonly SiteLink[]): boolean {
  return links.length >= LEAST_SITES;
}

function newFit(): string {
  return randomBytes(8).toString("hex");
}
