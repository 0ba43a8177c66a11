/**
 * Where a site's sums come from: its own rows, or further sites. A site over sites is the summing
 * node of a region: over the slow link to the coordinator goes one message in place of many, and
 * integers give the same sum to the last bit.
 */
import type { NetGradients } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Fabric } from "../fabric/index.ts";
import { toWords, type Words } from "../masks/index.ts";
import {
  createAnswerer,
  describeRows,
  isNoised,
  LEAST_ROWS,
  type SiteDescription,
  type SiteRows,
} from "../sums/index.ts";
import { type AskOptions, type JoinedSites, joinSites } from "./join-sites.ts";
import type { AskedSum } from "./messages.ts";
import type { SiteName } from "./site-link.ts";

export interface SumSource {
  describe(): Promise<SiteDescription>;
  /** @throws SITE_REFUSED for a sum over too few rows, or one that is too large. */
  sum(asked: AskedSum): Promise<Words>;
}

/** @throws TOO_FEW_ROWS if sums over all rows would say too much of one of them. */
export function sumOfRows(engine: NetGradients, rows: SiteRows): SumSource {
  if (rows.y.length < LEAST_ROWS) {
    const message = `a site must have ${LEAST_ROWS} rows at least, got ${rows.y.length}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { found: rows.y.length });
  }
  const answer = createAnswerer(engine, rows);
  return {
    describe: async () => describeRows(rows),
    sum: async ({ query, sites }) => toWords(answer(query), sites.length),
  };
}

/** Fits whose sites stay joined. */
const KEPT_FITS = 8;

/** Sums of sites that are asked as a coordinator asks them, under the fit's own name. */
export function sumOfSites(
  fabric: Fabric,
  named: readonly SiteName[],
  options: AskOptions,
): SumSource {
  const fits = new Map<string, Promise<JoinedSites>>();
  const joined = (fit: string): Promise<JoinedSites> => {
    const own = fits.get(fit) ?? joinSites(fabric, named, { ...options, fit });
    fits.set(fit, own);
    own.catch(() => fits.delete(fit));
    for (const old of [...fits.keys()].slice(0, -KEPT_FITS)) fits.delete(old);
    return own;
  };
  return {
    describe: async () => (await joinSites(fabric, named, options)).said,
    sum: async ({ fit, query }) => {
      if (isNoised(query)) throw refuseNoised();
      return (await joined(fit)).askWords(query);
    },
  };
}

/** Each region's sum would have the whole noise, and its sites a ledger for other sums. */
function refuseNoised(): BailiwickError {
  const message = "a private fit must name the sites that hold rows, this one adds up others' sums";
  return new BailiwickError("SITE_REFUSED", message);
}
