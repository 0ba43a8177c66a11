/** The coordinator's view of sites: the columns that all have, and sums of what all answer. */
import { randomBytes } from "node:crypto";
import type { Fabric } from "../fabric/index.ts";
import {
  type AskSum,
  agreedColumns,
  answerLength,
  LEAST_ROWS,
  type SiteDescription,
} from "../sums/index.ts";
import { boundGradient } from "./bound.ts";
import { DESCRIBE, readDescription, readSums, SUM, writeAsked } from "./messages.ts";
import { linkSites, type SiteName } from "./site-link.ts";

export interface JoinedSites {
  /** The columns that all sites have, and the number of rows of all. */
  readonly said: SiteDescription;
  /** Of the rows, that a step must draw so that each site draws enough. */
  readonly leastShare: number;
  readonly askSum: AskSum;
}

export interface AskOptions {
  readonly log: (line: string) => void;
  /** How long a site that does not answer is waited for. */
  readonly patienceMs?: number;
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
  { log, patienceMs = PATIENCE_MS }: AskOptions,
): Promise<JoinedSites> {
  const links = linkSites(fabric, named, patienceMs);
  const sites = links.map(({ name }) => name);
  const fit = randomBytes(8).toString("hex");
  const described = await Promise.all(
    links.map(async ({ name, ask }) => {
      return { name, said: readDescription(await ask(DESCRIBE, new Uint8Array(0))) };
    }),
  );
  const bounded = new Set<string>();
  return {
    said: agreedColumns(described),
    leastShare: DRAWN_ROWS / Math.min(...described.map(({ said }) => said.nRows)),
    askSum: async (query) => {
      const length = answerLength(query);
      const body = writeAsked({ fit, sites, query });
      const answers = await Promise.all(
        links.map(async ({ name, ask }, s) => {
          const own = readSums(await ask(SUM, body), length);
          if (boundGradient(query, own, described[s]!.said.nRows) && !bounded.has(name)) {
            bounded.add(name);
            log(`${name} gave a gradient far beyond that of its rows: it is bounded (said once)`);
          }
          return own;
        }),
      );
      const sums = new Float64Array(length);
      for (const own of answers) for (let i = 0; i < length; i++) sums[i]! += own[i]!;
      return sums;
    },
  };
}
