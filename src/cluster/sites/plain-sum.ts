/** The coordinator's way to a sum of which it sees each site's part. */
import { addWords, toWords, type Words } from "../masks/index.ts";
import { answerLength, type Query } from "../sums/index.ts";
import { boundGradient } from "./bound.ts";
import { readSums, SUM, writeAsked } from "./messages.ts";
import type { SiteLink } from "./site-link.ts";

export interface PlainOptions {
  readonly fit: string;
  /** Ascending by name. */
  readonly links: readonly SiteLink[];
  /** Rows of each site, as it described itself. */
  readonly nRows: readonly number[];
  readonly log: (line: string) => void;
}

/** A gradient of a site that is beyond its bound is scaled down to it, and said once. */
export function createPlainSum({
  fit,
  links,
  nRows,
  log,
}: PlainOptions): (query: Query) => Promise<Words> {
  const sites = links.map(({ name }) => name);
  const bounded = new Set<string>();
  return async (query) => {
    const length = answerLength(query);
    const body = writeAsked({ fit, sites, query });
    const answers = await Promise.all(
      links.map(async ({ name, ask }, s) => {
        const own = readSums(await ask(SUM, body), length);
        if (boundGradient(query, own, nRows[s]!) && !bounded.has(name)) {
          bounded.add(name);
          log(`${name} gave a gradient far beyond that of its rows: it is bounded (said once)`);
        }
        return toWords(own, sites.length);
      }),
    );
    const sum = new Uint32Array(2 * length);
    for (const words of answers) addWords(sum, words);
    return sum;
  };
}
