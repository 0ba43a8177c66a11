/**
 * What a site has told, as a file of JSON lines beside its rows: for which fit, to be added to the
 * answers of which sites, in words, and how often.
 *
 * It is also what a site refuses by. The sums of two fits whose sites differ by one site tell what
 * that site holds, so a fit of such sites is refused, but for sums with noise: these are counted by
 * the ε of all of them, up to a limit. A line is on the disk before its answer leaves; the second,
 * fourth, eighth time of one question have a line each, a noised sum is told once.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { today } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readTextFile } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";
import { isNoised, type NoisedQuery, queryInWords } from "../sums/index.ts";
import type { AskedSum } from "./messages.ts";
import { queryToJson } from "./query-schema.ts";
import { createSpending, type PrivacyLimit } from "./spending.ts";

const MAX_LEDGER_BYTES = 256 << 20;

/** A line of a ledger. */
export interface Told {
  /** ISO 8601. */
  readonly at: string;
  readonly fit: string;
  readonly sites: readonly string[];
  /** In words. */
  readonly what: string;
  /** How often that was asked for this fit. */
  readonly times: number;
  /** Of a noised sum: the noise, a hash of the query, and ε of all noised sums with this one. */
  readonly noise?: number | undefined;
  readonly query?: string | undefined;
  readonly epsilon?: number | null | undefined;
}

export interface Ledger {
  /**
   * Checks that an answer may be told, and notes it.
   *
   * @returns The line that stands for it.
   * @throws SITE_REFUSED saying why; WRITE_FAILED.
   */
  tell(asked: AskedSum): Promise<Told>;
}

export interface LedgerOptions {
  /** Of all noised sums that are ever told; with it no others are. */
  readonly limit?: PrivacyLimit | null;
  readonly now?: () => string;
}

const lineSchema: z.ZodType<Told> = z.object({
  at: z.string(),
  fit: z.string(),
  sites: z.array(z.string()).readonly(),
  what: z.string(),
  times: z.int().positive(),
  noise: z.number().positive().optional(),
  query: z.string().optional(),
  // JSON has no infinity.
  epsilon: z.number().nonnegative().nullable().optional(),
});

interface FitTold {
  readonly sites: readonly string[];
  readonly at: string;
  /** By words. */
  readonly times: Map<string, number>;
}

/** @throws STORE_CORRUPT naming the line that is none; READ_FAILED */
export async function openLedger(
  path: string,
  { limit = null, now = today }: LedgerOptions = {},
): Promise<Ledger> {
  const fits = new Map<string, FitTold>();
  const spending = createSpending(limit);
  const noised = new Set<string>();
  const add = (told: Told): void => {
    const { fit, sites, at, what, times, noise, query } = told;
    if (noise !== undefined) {
      spending.add(noise);
      noised.add(`${fit} ${query}`);
      return;
    }
    const own = fits.get(fit) ?? { sites, at, times: new Map() };
    own.times.set(what, times);
    fits.set(fit, own);
  };
  for (const told of await readLedger(path)) add(told);
  let queue: Promise<unknown> = Promise.resolve();
  const plainLine = ({ fit, sites, query }: AskedSum): Told => {
    spending.check(null);
    const what = queryInWords(query);
    const before = fits.get(fit);
    if (before === undefined) checkSites(sites, fits);
    else if (before.sites.join() !== sites.join()) throw otherSites(fit, before.sites, sites);
    return { at: now(), fit, sites, what, times: (before?.times.get(what) ?? 0) + 1 };
  };
  const noisedLine = ({ fit, sites }: AskedSum, query: NoisedQuery): Told => {
    const hash = hashOf(query);
    if (noised.has(`${fit} ${hash}`)) throw toldBefore(fit);
    const { noise } = query;
    spending.check(noise);
    const what = queryInWords(query);
    return { at: now(), fit, sites, what, times: 1, noise, query: hash, epsilon: after(noise) };
  };
  const after = (noise: number): number | null => {
    const epsilon = spending.after(noise);
    return Number.isFinite(epsilon) ? epsilon : null;
  };
  const note = async (asked: AskedSum): Promise<Told> => {
    const { query } = asked;
    const told = isNoised(query) ? noisedLine(asked, query) : plainLine(asked);
    if (Number.isInteger(Math.log2(told.times))) await appendLine(path, JSON.stringify(told));
    add(told);
    return told;
  };
  return {
    tell: (asked) => {
      const noted = queue.then(() => note(asked));
      queue = noted.catch(() => undefined);
      return noted;
    },
  };
}

function hashOf(query: NoisedQuery): string {
  return sha256(JSON.stringify(queryToJson(query)));
}

/** A line that a kill has cut, the last one, was never followed by an answer. */
async function readLedger(path: string): Promise<readonly Told[]> {
  if (!existsSync(path)) return [];
  const text = await readTextFile(path, { maxBytes: MAX_LEDGER_BYTES });
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.flatMap((line, i) => (line === "" ? [] : [readLine(path, line, i + 1)]));
}

function readLine(path: string, line: string, number: number): Told {
  try {
    const parsed: unknown = JSON.parse(line);
    return lineSchema.parse(parsed);
  } catch (cause) {
    const message = `${path} must be a site's ledger, line ${number} is no line of one`;
    throw new BailiwickError("STORE_CORRUPT", message, { path, line: number }, cause);
  }
}

/** @throws SITE_REFUSED if an earlier fit had one site more, or one less. */
function checkSites(sites: readonly string[], fits: ReadonlyMap<string, FitTold>): void {
  for (const [fit, earlier] of fits) {
    const different = [
      ...sites.filter((site) => !earlier.sites.includes(site)),
      ...earlier.sites.filter((site) => !sites.includes(site)),
    ];
    if (different.length !== 1) continue;
    const message =
      `the sites of a fit must differ from those of fit ${fit} (${earlier.at}) by none or by ` +
      `several, they differ by ${different[0]}: the difference of both sums would be its own`;
    throw new BailiwickError("SITE_REFUSED", message, { site: different[0]! });
  }
}

function otherSites(
  fit: string,
  before: readonly string[],
  now: readonly string[],
): BailiwickError {
  const message = `the sites of fit ${fit} must stay ${before.join(", ")}, got ${now.join(", ")}`;
  return new BailiwickError("SITE_REFUSED", message, { fit });
}

/** The same sum with other noise would tell more than is stated. */
function toldBefore(fit: string): BailiwickError {
  const message =
    `a noised sum is told once, fit ${fit} had it before this site started again; ` +
    "start the fit again";
  return new BailiwickError("SITE_REFUSED", message, { fit });
}
