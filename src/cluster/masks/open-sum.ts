/** A coordinator's side of a secure sum: masks come off the sum, never off one site's words. */
import { combine } from "shamir-secret-sharing";
import { BailiwickError } from "../../shared/errors.ts";
import {
  type Masked,
  type Opened,
  type Roster,
  SHARE_BYTES,
  sha256Of,
  thresholdOf,
} from "./masker.ts";
import { maskOf } from "./secrets.ts";
import { createTally, type Words } from "./words.ts";

/** What the sites sent of a round, by name. */
export interface RoundAnswers {
  readonly masked: ReadonlyMap<string, Masked>;
  readonly opened: ReadonlyMap<string, Opened>;
}

/**
 * The sum of the words of all that answered.
 *
 * @returns null if too few opened it: fewer than the threshold, or not each of those that answered
 *   where another did not.
 * @throws MESSAGE_INVALID for shares that are not those that were sealed.
 */
export async function openSum(
  roster: Roster,
  { masked, opened }: RoundAnswers,
): Promise<Words | null> {
  const answered = roster.names.filter((name) => masked.has(name));
  const missing = roster.names.filter((name) => !masked.has(name));
  const openers = [...opened.keys()].sort();
  const least = thresholdOf(roster);
  if (answered.length < least || openers.length < least) return null;
  if (missing.length > 0 && openers.length < answered.length) return null;
  const nWords = masked.get(answered[0]!)!.words.length;
  const sum = createTally(nWords);
  for (const name of answered) sum.add(masked.get(name)!.words);
  for (const name of answered) {
    const place = roster.names.indexOf(name);
    const shares = openers.slice(0, least).map((own) => {
      return Uint8Array.from(opened.get(own)![place]!.subarray(0, SHARE_BYTES));
    });
    const seed = await combine(shares);
    checkSeed(seed, masked.get(name)!, name);
    sum.subtract(maskOf(seed, nWords));
  }
  for (const name of missing) {
    const place = roster.names.indexOf(name);
    for (const own of answered) {
      const seed = opened.get(own)![place]!.subarray(0, SHARE_BYTES - 1);
      const mask = maskOf(seed, nWords);
      if (own < name) sum.subtract(mask);
      else sum.add(mask);
    }
  }
  return sum.words();
}

function checkSeed(seed: Uint8Array, { check }: Masked, name: string): void {
  if (Buffer.from(sha256Of(seed)).equals(check)) return;
  const message = `shares of ${name}'s mask must be those that it sealed, they are not`;
  throw new BailiwickError("MESSAGE_INVALID", message, { site: name });
}
