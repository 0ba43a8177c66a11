/**
 * What a site has told, as a file of JSON lines beside its rows: for which fit, to be added to the
 * answers of which sites, in words, and how often.
 *
 * It is also what a site refuses by. The sums of two fits whose sites differ by one site tell what
 * that site holds, so a fit of such sites is refused. A line is on the disk before its answer
 * leaves; the second, fourth, eighth time of one question have a line each.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { today } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readTextFile } from "../../shared/files.ts";
import { queryInWords } from "../sums/index.ts";
import type { AskedSum } from "./messages.ts";

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
}

export interface Ledger {
  /**
   * Checks that an answer may be told, and notes it.
   *
   * @returns How often it was told for this fit, with this time.
   * @throws SITE_REFUSED saying why; WRITE_FAILED.
   */
  tell(asked: AskedSum): Promise<number>;
}

const lineSchema: z.ZodType<Told> = z.object({
  at: z.string(),
  fit: z.string(),
  sites: z.array(z.string()).readonly(),
  what: z.string(),
  times: z.int().positive(),
});

interface FitTold {
  readonly sites: readonly string[];
  readonly at: string;
  /** By words. */
  readonly times: Map<string, number>;
}

/** @throws STORE_CORRUPT naming the line that is none; READ_FAILED */
export async function openLedger(path: string, now: () => string = today): Promise<Ledger> {
  const fits = new Map<string, FitTold>();
  const add = ({ fit, sites, at, what, times }: Told): void => {
    const own = fits.get(fit) ?? { sites, at, times: new Map() };
    own.times.set(what, times);
    fits.set(fit, own);
  };
  for (const told of await readLedger(path)) add(told);
  let queue: Promise<unknown> = Promise.resolve();
  const note = async ({ fit, sites, query }: AskedSum): Promise<number> => {
    const what = queryInWords(query);
    const before = fits.get(fit);
    if (before === undefined) checkSites(sites, fits);
    else if (before.sites.join() !== sites.join()) throw otherSites(fit, before.sites, sites);
    const times = (before?.times.get(what) ?? 0) + 1;
    const told = { at: now(), fit, sites, what, times };
    if (Number.isInteger(Math.log2(times))) await appendLine(path, JSON.stringify(told));
    add(told);
    return times;
  };
  return {
    tell: (asked) => {
      const noted = queue.then(() => note(asked));
      queue = noted.catch(() => undefined);
      return noted;
    },
  };
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
