/**
 * The coordinator's way to a sum of which it sees no part: two requests to each site a round, one
 * for masked words, one to open their sum. Both may be tried again; a round that cannot be opened
 * is given up, and the query asked in another.
 */
import { randomBytes } from "node:crypto";
import { BailiwickError } from "../../shared/errors.ts";
import {
  type Masked,
  type Opened,
  openSum,
  type Roster,
  thresholdOf,
  type Words,
} from "../masks/index.ts";
import { answerLength, type Query } from "../sums/index.ts";
import {
  KEY,
  MASKED,
  OPEN,
  readKey,
  readMasked,
  readOpened,
  writeAskedKey,
  writeAskedMasked,
  writeAskedOpen,
} from "./secure-messages.ts";
import type { SiteLink } from "./site-link.ts";

/** Rounds of one query that may be given up. */
const TRIES = 5;

export interface SecureOptions {
  readonly fit: string;
  /** Ascending by name. */
  readonly links: readonly SiteLink[];
  readonly log: (line: string) => void;
}

/** @throws SITE_UNAVAILABLE under the threshold; SITE_REFUSED saying why. */
export function createSecureSum(options: SecureOptions): (query: Query) => Promise<Words> {
  const { fit, links } = options;
  const names = links.map(({ name }) => name);
  const calls = createCalls(options);
  const oneRound = async (query: Query): Promise<Words | null> => {
    const roster: Roster = { fit, names, keys: await calls.keys() };
    const round = randomBytes(8).toString("hex");
    const about = { fit, sites: names, keys: roster.keys, round };
    const body = writeAskedMasked({ ...about, query });
    const nNumbers = answerLength(query);
    const { got: masked, isStale } = await calls.gather(links, async (link): Promise<Masked> => {
      const patience = calls.isGone(link) ? 0 : undefined;
      const shape = { nNumbers, nSites: names.length, place: names.indexOf(link.name) };
      return readMasked(await link.ask(MASKED, body, patience), shape);
    });
    if (isStale) return null;
    const answered = names.filter((name) => masked.has(name));
    if (answered.length < thresholdOf(roster)) throw tooFew(answered, names);
    const openers = links.filter(({ name }) => masked.has(name));
    const { got: opened } = await calls.gather(openers, async (link): Promise<Opened> => {
      const place = names.indexOf(link.name);
      const shares = answered.map((name) => masked.get(name)!.shares[place]!);
      const asked = writeAskedOpen({ ...about, answered, shares });
      return readOpened(await link.ask(OPEN, asked, 0), names.length);
    });
    return openSum(roster, { masked, opened });
  };
  return async (query) => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const words = await oneRound(query);
      if (words !== null) return words;
    }
    throw tooFew([], names);
  };
}

/** The same request to several sites, some of which may be gone or have started again. */
interface Calls {
  /** Of all sites, in their order; asked for once. */
  keys(): Promise<readonly Uint8Array[]>;
  isGone(link: SiteLink): boolean;
  /**
   * What sites answered.
   *
   * @returns Also whether a site refused because it started again: it has another key then.
   * @throws any other error of a site.
   */
  gather<T>(
    asked: readonly SiteLink[],
    ask: (link: SiteLink) => Promise<T>,
  ): Promise<{ readonly got: ReadonlyMap<string, T>; readonly isStale: boolean }>;
}

function createCalls({ fit, links, log }: SecureOptions): Calls {
  const keys = new Map<string, Uint8Array>();
  const gone = new Set<string>();
  const setAway = (name: string): void => {
    if (!gone.has(name)) log(`${name} does not answer: sums go on without it, while it is gone`);
    gone.add(name);
  };
  /** Whether the site's key is another than before. */
  const renewKey = async (link: SiteLink): Promise<boolean> => {
    const key = readKey(await link.ask(KEY, writeAskedKey(fit)));
    const before = keys.get(link.name);
    keys.set(link.name, key);
    return before === undefined || !Buffer.from(before).equals(key);
  };
  /** What came of a request that failed. @throws the error, if the site did not start again. */
  const afterFailure = async (link: SiteLink, error: unknown): Promise<"gone" | "stale"> => {
    if (!isCode(error, "SITE_UNAVAILABLE")) {
      if (isCode(error, "SITE_REFUSED") && (await renewKey(link))) return "stale";
      throw error;
    }
    setAway(link.name);
    return "gone";
  };
  return {
    keys: async () => {
      for (const link of links) if (!keys.has(link.name)) await renewKey(link);
      return links.map(({ name }) => keys.get(name)!);
    },
    isGone: ({ name }) => gone.has(name),
    gather: async <T>(asked: readonly SiteLink[], ask: (link: SiteLink) => Promise<T>) => {
      const got = new Map<string, T>();
      const outcomes = await Promise.all(
        asked.map(async (link) => {
          try {
            got.set(link.name, await ask(link));
            gone.delete(link.name);
            return "answered";
          } catch (error) {
            return afterFailure(link, error);
          }
        }),
      );
      return { got, isStale: outcomes.includes("stale") };
    },
  };
}

function isCode(error: unknown, code: BailiwickError["code"]): boolean {
  return error instanceof BailiwickError && error.code === code;
}

function tooFew(answered: readonly string[], names: readonly string[]): BailiwickError {
  const least = thresholdOf({ names });
  const message =
    `${least} of ${names.length} sites must answer before a sum is opened, ` +
    `${answered.length} did: ${answered.join(", ")}`;
  return new BailiwickError("SITE_UNAVAILABLE", message);
}
