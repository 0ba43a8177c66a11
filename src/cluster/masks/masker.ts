/**
 * A site's side of a secure sum (Bonawitz et al. 2017, with secrets of pairs kept for a fit as in
 * Ma et al. 2023).
 *
 * A masked vector is the site's words, plus a mask for each pair of sites, which one adds and the
 * other subtracts, plus an own mask. To open a sum, sites that answered tell their shares of the
 * own masks of those that answered, and the seeds of their pairs with those that did not: never
 * both for one site, so that no site's words alone are ever open. Own masks hold where a site that
 * was given up answers late.
 *
 * All secrets are in memory: a site that starts again has another key, and opens no earlier round.
 */
import { split } from "shamir-secret-sharing";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import {
  type FitKey,
  KEY_BYTES,
  keyFor,
  maskOf,
  newFitKey,
  newSeed,
  SEAL_BYTES,
  seal,
  sharedSecret,
  unseal,
} from "./secrets.ts";
import { createTally, type Words } from "./words.ts";

/** A share of a seed: one byte more than the seed. */
export const SHARE_BYTES: number = KEY_BYTES + 1;
export const SEALED_BYTES: number = SHARE_BYTES + SEAL_BYTES;
/** With fewer sites, each would know the other's words. */
export const LEAST_SITES = 3;
/** Of shares. */
export const MOST_SITES = 255;

/** The sites of a fit, ascending by name, with their keys. */
export interface Roster {
  readonly fit: string;
  readonly names: readonly string[];
  readonly keys: readonly Uint8Array[];
}

/** Sites that must have answered before a sum is opened: more than two thirds of them. */
export function thresholdOf({ names }: Pick<Roster, "names">): number {
  return Math.max(LEAST_SITES, Math.floor((2 * names.length) / 3) + 1);
}

export interface Masked {
  readonly words: Words;
  /** SHA-256 of the own mask's seed: shares that were changed are found out. */
  readonly check: Uint8Array;
  /**
   * Shares of the own mask's seed, sealed for each site in the roster's order; without bytes for
   * the site itself, which keeps its share.
   */
  readonly shares: readonly Uint8Array[];
}

export interface OpenRequest {
  readonly round: string;
  /** Whose masked words are added. */
  readonly answered: readonly string[];
  /** Of each of them, the share that it sealed for this site; its own is not read. */
  readonly shares: readonly Uint8Array[];
}

/** For each site of the roster: a share if it answered, the pair's seed if not. */
export type Opened = readonly Uint8Array[];

/** A site's secrets of one fit. */
export interface Masker {
  readonly publicKey: Uint8Array;
  /**
   * Masks words for one round. A round is masked once, whatever the words: asked again, it gives
   * the same.
   *
   * @throws SITE_REFUSED for a roster that this site may not answer, or a round of long ago.
   */
  mask(roster: Roster, round: string, words: Words): Promise<Masked>;
  /**
   * What opens a round's sum.
   *
   * @throws SITE_REFUSED under the threshold; for a round that was not masked here, or that was
   *   opened for other sites.
   */
  open(roster: Roster, request: OpenRequest): Opened;
}

interface Round {
  readonly masked: Promise<Masked>;
  /** The share that this site keeps of its own seed. */
  readonly ownShare: Uint8Array;
  answered: string | null;
}

/** Rounds that can be asked for again, or opened. */
const KEPT_ROUNDS = 8;
/** Of one fit. */
const MOST_ROUNDS = 2 ** 20;

/** @param name - Of the site, as rosters name it. */
export function createMasker(name: string): Masker {
  const key = newFitKey();
  const secrets = new Map<string, Uint8Array>();
  const rounds = new Map<string, Round>();
  // Other words under the masks of one round would, less the first ones, be open.
  const begun = new Set<string>();
  const secretWith = (publicKey: Uint8Array): Uint8Array => {
    const hex = Buffer.from(publicKey).toString("hex");
    const known = secrets.get(hex) ?? sharedSecret(key, publicKey);
    secrets.set(hex, known);
    return known;
  };
  return {
    publicKey: key.publicKey,
    mask: async (roster, round, words) => {
      checkRoster(roster, name, key);
      const known = rounds.get(round);
      if (known !== undefined) return known.masked;
      if (begun.has(round)) throw refused(`round ${round} was masked here long ago`);
      if (begun.size >= MOST_ROUNDS)
        throw refused(`a fit must be of ${MOST_ROUNDS} rounds at most`);
      begun.add(round);
      const ownShare = new Uint8Array(SHARE_BYTES);
      const masked = maskFor({ roster, round, name, secretWith, ownShare }, words);
      rounds.set(round, { masked, ownShare, answered: null });
      for (const old of [...rounds.keys()].slice(0, -KEPT_ROUNDS)) rounds.delete(old);
      return masked;
    },
    open: (roster, { round, answered, shares }) => {
      checkRoster(roster, name, key);
      const own = rounds.get(round);
      if (own === undefined) throw refused(`round ${round} was not masked here, or long ago`);
      checkAnswered(roster, answered, name);
      const once = answered.join();
      if (own.answered !== null && own.answered !== once) {
        throw refused(`round ${round} was opened for other sites`);
      }
      own.answered = once;
      return roster.names.map((other, s) => {
        const place = answered.indexOf(other);
        const secret = other === name ? null : secretWith(roster.keys[s]!);
        if (place < 0) return keyFor(secret!, pairUse(roster, round));
        if (secret === null) return own.ownShare;
        const about = shareUse(roster, round, [other, name]);
        return unseal(keyFor(secret, about), shares[place]!, about);
      });
    },
  };
}

interface MaskContext {
  readonly roster: Roster;
  readonly round: string;
  readonly name: string;
  secretWith(publicKey: Uint8Array): Uint8Array;
  /** Is filled. */
  readonly ownShare: Uint8Array;
}

async function maskFor(
  { roster, round, name, secretWith, ownShare }: MaskContext,
  words: Words,
): Promise<Masked> {
  const seed = newSeed();
  const masked = createTally(words.length);
  masked.add(words);
  masked.add(maskOf(seed, words.length));
  const parts = await split(seed, roster.names.length, thresholdOf(roster));
  const shares = roster.names.map((other, s) => {
    if (other === name) {
      ownShare.set(parts[s]!);
      return new Uint8Array(0);
    }
    const secret = secretWith(roster.keys[s]!);
    const mask = maskOf(keyFor(secret, pairUse(roster, round)), words.length);
    if (name < other) masked.add(mask);
    else masked.subtract(mask);
    const about = shareUse(roster, round, [name, other]);
    return seal(keyFor(secret, about), parts[s]!, about);
  });
  return { words: masked.words(), check: sha256Of(seed), shares };
}

export function sha256Of(bytes: Uint8Array): Uint8Array {
  return Buffer.from(sha256(bytes), "hex");
}

function pairUse({ fit }: Roster, round: string): string {
  return `bailiwick mask ${fit} ${round}`;
}

function shareUse({ fit }: Roster, round: string, [from, to]: readonly [string, string]): string {
  return `bailiwick share ${fit} ${round} ${from} ${to}`;
}

function checkRoster({ names, keys }: Roster, name: string, key: FitKey): void {
  const n = names.length;
  if (n < LEAST_SITES || n > MOST_SITES || keys.length !== n) {
    throw refused(`a secure sum must be of ${LEAST_SITES} to ${MOST_SITES} sites, got ${n}`);
  }
  if (names.some((own, s) => s > 0 && own <= names[s - 1]!)) {
    throw refused("the sites of a secure sum must differ and ascend");
  }
  const place = names.indexOf(name);
  const isMine = place >= 0 && Buffer.from(keys[place]!).equals(key.publicKey);
  if (!isMine) throw refused(`${name} must be among the sites with the key that it has now`);
}

function checkAnswered(roster: Roster, answered: readonly string[], name: string): void {
  const least = thresholdOf(roster);
  if (answered.length < least) {
    throw refused(`a sum must be of ${least} sites to be opened, got ${answered.length}`);
  }
  const isPart = answered.every((own, a) => {
    return roster.names.includes(own) && (a === 0 || own > answered[a - 1]!);
  });
  if (!isPart || !answered.includes(name)) {
    throw refused("the sites that answered must be of the fit, with the one that opens");
  }
}

function refused(message: string): BailiwickError {
  return new BailiwickError("SITE_REFUSED", message);
}
