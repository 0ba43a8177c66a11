/**
 * A site: answers sums over rows on a fabric, its own rows or those of further sites.
 *
 * Every request is checked, noted in the ledger, and answered from the request alone, so that a
 * coordinator may try again whatever was lost. Only the secrets of a fit's masks are kept, in
 * memory: a site that starts again has others.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import { checkName, type Fabric, nodeKey, type Stop, siteSubject } from "../fabric/index.ts";
import { createMasker, fromWords, type Masker, type Words } from "../masks/index.ts";
import { queryInWords } from "../sums/index.ts";
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
import { createOpenings } from "./openings.ts";
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
  /** Gets a line for the person who runs the site. */
  readonly log?: (line: string) => void;
}

/** Fits whose secrets are kept; an older fit starts again with new ones. */
const KEPT_FITS = 8;

export async function startSite(fabric: Fabric, options: SiteOptions): Promise<Stop> {
  const { source, ledger, isPlain = false, log = () => undefined } = options;
  const zone = checkName("a zone", options.zone);
  const name = checkName("a site's name", options.name);
  const key = nodeKey(zone, name);
  const told = createTeller(key, source, { ledger, log });
  const maskers = createMaskers(key);
  const openings = createOpenings();
  const handlers: Readonly<Record<string, (body: Uint8Array) => Promise<Uint8Array>>> = {
    [DESCRIBE]: async () => writeDescription(await source.describe()),
    [KEY]: async (body) => maskers(readAskedKey(body)).publicKey,
    [SUM]: onceEach(async (body) => {
      const asked = readAsked(body);
      if (!isPlain) throw refusePlain(key);
      return bytesOfSums(fromWords(await told(asked)));
    }),
    [MASKED]: onceEach(async (body) => {
      const asked = readAskedMasked(body);
      const words = await told(asked);
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

/** Answers queries, notes them in the ledger, and says what was asked, and why it was refused. */
function createTeller(
  key: string,
  source: SumSource,
  { ledger, log }: { readonly ledger: Ledger; readonly log: (line: string) => void },
): (asked: AskedSum) => Promise<Words> {
  return async (asked) => {
    const { fit, sites, query } = asked;
    const words = queryInWords(query);
    try {
      if (!sites.includes(key)) {
        const message = `the sites of a fit must have ${key} among them, got ${sites.join(", ")}`;
        throw new BailiwickError("SITE_REFUSED", message);
      }
      const summed = await source.sum(asked);
      const times = await ledger.tell(asked);
      if (times === 1) log(`fit ${fit} of ${sites.length} sites asked for ${words}: told`);
      return summed;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`fit ${fit} asked for ${words}: refused, ${why}`);
      throw error;
    }
  };
}

function refusePlain(key: string): BailiwickError {
  const message =
    `${key} answers masked sums only, of three sites or more; ` +
    "bailiwick site --plain lets the coordinator see its sums";
  return new BailiwickError("SITE_REFUSED", message);
}
