/**
 * A site: answers sums over rows on a fabric, its own rows or those of further sites.
 *
 * Every request is checked, noted in the ledger, and answered from the request alone, so that a
 * coordinator may try again whatever was lost. Only the secrets of a fit's masks and its noised
 * sums are kept, in memory: a site that starts again has others.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import { count, figure } from "../../shared/wording.ts";
import { checkName, type Fabric, nodeKey, type Stop, siteSubject } from "../fabric/index.ts";
import { createMasker, fromWords, type Masker, type Words } from "../masks/index.ts";
import { isNoised, queryInWords } from "../sums/index.ts";
import type { Ledger } from "./ledger.ts";
import {
  type AskedSum,
  bytesOfSums,
  DESCRIBE,
  readAsked,
  readPart,
  SUM,
  writeDescription,
  writePart,
} from "./messages.ts";
import { noiseShares, withNoise } from "./noise.ts";
import { createOpenings } from "./openings.ts";
import { queryToJson } from "./query-schema.ts";
import {
  bytesOfMasked,
  bytesOfOpened,
  KEY,
  MASKED,
  OPEN,
  readAskedKey,
  readAskedMasked,
  readAskedOpen,
  rosterOf,
} from "./secure-messages.ts";
import type { SumSource } from "./source.ts";

export interface SiteOptions {
  readonly name: string;
  readonly zone: string;
  readonly source: SumSource;
  readonly ledger: Ledger;
  /** Also answers sums that are not masked, of which the coordinator sees this site's part. */
  readonly isPlain?: boolean;
  /** Does not say how many rows it has, or which levels: these are read from rows. */
  readonly isPrivate?: boolean;
  /** Gets a line for the person who runs the site. */
  readonly log?: (line: string) => void;
}

/** Fits whose secrets are kept; an older fit starts again with new ones. */
const KEPT_FITS = 8;
/** Noised sums that can be asked for again. */
const KEPT_SUMS = 32;

export async function startSite(fabric: Fabric, options: SiteOptions): Promise<Stop> {
  const { source, ledger, isPlain = false, isPrivate = false, log = () => undefined } = options;
  const zone = checkName("a zone", options.zone);
  const name = checkName("a site's name", options.name);
  const key = nodeKey(zone, name);
  const told = createTeller(key, source, { ledger, log });
  const maskers = createMaskers(key);
  const openings = createOpenings();
  const handlers: Readonly<Record<string, (body: Uint8Array) => Promise<Uint8Array>>> = {
    [DESCRIBE]: async () => {
      if (isPrivate) throw refuseDescription(key);
      return writeDescription(await source.describe());
    },
    [KEY]: async (body) => maskers(readAskedKey(body)).publicKey,
    [SUM]: onceEach(async (body) => {
      const asked = readAsked(body);
      if (!isPlain) throw refusePlain(key);
      return bytesOfSums(fromWords(await told(asked, noiseShares(asked.sites, false))));
    }),
    [MASKED]: onceEach(async (body) => {
      const asked = readAskedMasked(body);
      const words = await told(asked, noiseShares(asked.sites, true));
      openings.asked(asked);
      return bytesOfMasked(await maskers(asked.fit).mask(rosterOf(asked), asked.round, words));
    }),
    [OPEN]: async (body) => {
      const asked = readAskedOpen(body);
      openings.check(asked);
      const opened = maskers(asked.fit).open(rosterOf(asked), asked);
      openings.opened(asked);
      return bytesOfOpened(opened);
    },
  };
  const stops = await Promise.all(
    Object.entries(handlers).map(([what, answer]) =>
      fabric.answer(siteSubject(zone, name, what), async (message) =>
        writePart(await answer(message.body), readPart(message), fabric.maxBodyBytes),
      ),
    ),
  );
  return async () => {
    for (const stop of stops) await stop();
  };
}

/** The last answer again, also one under way: a coordinator asks for one part after the other. */
function onceEach(
  answer: (body: Uint8Array) => Promise<Uint8Array>,
): (body: Uint8Array) => Promise<Uint8Array> {
  let last: { readonly request: string; readonly bytes: Promise<Uint8Array> } | null = null;
  return (body) => {
    const request = sha256(body);
    if (last?.request === request) return last.bytes;
    const own = { request, bytes: answer(body) };
    last = own;
    own.bytes.catch(() => {
      if (last === own) last = null;
    });
    return own.bytes;
  };
}

/** Secrets by fit. */
function createMaskers(key: string): (fit: string) => Masker {
  const maskers = new Map<string, Masker>();
  return (fit) => {
    const masker = maskers.get(fit) ?? createMasker(key);
    maskers.set(fit, masker);
    for (const old of [...maskers.keys()].slice(0, -KEPT_FITS)) maskers.delete(old);
    return masker;
  };
}

/**
 * Answers queries, notes them in the ledger, and says what was asked, and why it was refused.
 *
 * The second argument is the number of sites that share the noise of a noised sum. Such a sum is
 * made once: asked again, in another round too, it has the same noise.
 */
function createTeller(
  key: string,
  source: SumSource,
  { ledger, log }: { readonly ledger: Ledger; readonly log: (line: string) => void },
): (asked: AskedSum, nShares: number) => Promise<Words> {
  const noised = new Map<string, Promise<Words>>();
  const tell = async (asked: AskedSum, nShares: number): Promise<Words> => {
    const { fit, sites, query } = asked;
    const words = queryInWords(query);
    try {
      if (!sites.includes(key)) {
        const message = `the sites of a fit must have ${key} among them, got ${sites.join(", ")}`;
        throw new BailiwickError("SITE_REFUSED", message);
      }
      const summed = await source.sum(asked);
      const { times, epsilon } = await ledger.tell(asked);
      const told = epsilon === undefined ? "told" : `told, in all ε ${epsilonInWords(epsilon)}`;
      if (times === 1)
        log(`fit ${fit} of ${count(sites.length, "site")} asked for ${words}: ${told}`);
      return isNoised(query) ? withNoise(summed, query.noise, nShares) : summed;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`fit ${fit} asked for ${words}: refused, ${why}`);
      throw error;
    }
  };
  return (asked, nShares) => {
    if (!isNoised(asked.query)) return tell(asked, nShares);
    const { fit, sites, query } = asked;
    const id = sha256(JSON.stringify([fit, sites, nShares, queryToJson(query)]));
    const own = noised.get(id) ?? tell(asked, nShares);
    noised.set(id, own);
    own.catch(() => noised.delete(id));
    for (const old of [...noised.keys()].slice(0, -KEPT_SUMS)) noised.delete(old);
    return own;
  };
}

function epsilonInWords(epsilon: number | null): string {
  return epsilon === null ? "without bound" : figure(epsilon);
}

function refuseDescription(key: string): BailiwickError {
  const message =
    `${key} answers noised sums only, and does not describe its rows; ` +
    "bailiwick fit --epsilon asks for such sums";
  return new BailiwickError("SITE_REFUSED", message);
}

function refusePlain(key: string): BailiwickError {
  const message =
    `${key} answers masked sums only, of three sites or more; ` +
    "bailiwick site --plain lets the coordinator see its sums";
  return new BailiwickError("SITE_REFUSED", message);
}
