/** Requests to one site, tried again while it is away; long answers come in parts. */
import { setTimeout as wait } from "node:timers/promises";
import { BailiwickError } from "../../shared/errors.ts";
import {
  checkName,
  type Fabric,
  invalidMessage,
  type Message,
  nodeKey,
  siteSubject,
} from "../fabric/index.ts";
import { readParts } from "./messages.ts";

export interface SiteName {
  readonly zone: string;
  readonly name: string;
}

export interface SiteLink {
  /** Zone and name. */
  readonly name: string;
  /**
   * What the site answers.
   *
   * @param patienceMs - How long it is waited for; that of the link if not given.
   * @throws SITE_UNAVAILABLE naming a site that does not answer; the site's own error.
   */
  ask(what: string, body: Uint8Array, patienceMs?: number): Promise<Uint8Array>;
}

/**
 * How long one request waits. A sum over many rows takes longer: the next request of the same sum
 * waits for it too. A site that was killed with a request in hand is asked again after this.
 */
const ANSWER_MS = 5000;
const PAUSE_MS = 250;
/** A longer answer would be more messages. */
const MAX_PARTS = 1000;

/** "zone.name", or a name in the zone "default". @throws INVALID_OPTION */
export function siteName(text: string): SiteName {
  const [first = "", second, ...more] = text.split(".");
  if (more.length > 0) {
    throw new BailiwickError("INVALID_OPTION", `a site must be a name or zone.name, got "${text}"`);
  }
  const [zone, name] = second === undefined ? ["default", first] : [first, second];
  return { zone: checkName("a zone", zone), name: checkName("a site's name", name) };
}

/** Links to sites, each once, ascending by name. */
export function linkSites(
  fabric: Fabric,
  named: readonly SiteName[],
  patienceMs: number,
): readonly SiteLink[] {
  const keys = new Map(named.map((own) => [nodeKey(own.zone, own.name), own]));
  return [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { zone, name }]) => ({
      name: key,
      ask: (what, body, patience = patienceMs) =>
        askParts((part) => {
          const message = { headers: { part: String(part) }, body };
          return askAgain(fabric, siteSubject(zone, name, what), message, {
            key,
            patienceMs: patience,
          });
        }),
    }));
}

/** All parts of an answer. */
async function askParts(ask: (part: number) => Promise<Message>): Promise<Uint8Array> {
  const first = await ask(0);
  const nParts = readParts(first);
  if (nParts > MAX_PARTS) {
    throw invalidMessage("a site's answer", `must be ${MAX_PARTS} parts at most, got ${nParts}`);
  }
  const bodies = [first.body];
  for (let part = 1; part < nParts; part++) bodies.push((await ask(part)).body);
  return bodies.length === 1 ? first.body : Buffer.concat(bodies);
}

/** What a site that starts again, or whose link is down for a while, answers in the end. */
async function askAgain(
  fabric: Fabric,
  subject: string,
  message: Message,
  { key, patienceMs }: { readonly key: string; readonly patienceMs: number },
): Promise<Message> {
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      return await fabric.request(subject, message, ANSWER_MS);
    } catch (error) {
      if (!isAway(error)) throw error;
      if (waitedMs >= patienceMs) throw away(key, error);
      await wait(PAUSE_MS);
    }
  }
}

function isAway(error: unknown): boolean {
  const code = error instanceof BailiwickError ? error.code : null;
  return code === "NODE_ABSENT" || code === "NODE_UNAVAILABLE";
}

function away(key: string, cause: unknown): BailiwickError {
  const message = `site ${key} must answer, it does not; start it by bailiwick site`;
  return new BailiwickError("SITE_UNAVAILABLE", message, { site: key }, cause);
}
