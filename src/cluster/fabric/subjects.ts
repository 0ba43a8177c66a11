/** Names of subjects and keys, against which a server's permissions are written. */
import { BailiwickError } from "../../shared/errors.ts";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws INVALID_OPTION unless it can be a token: letters, digits, _ and -, at most 64. */
export function checkName(what: string, name: string): string {
  if (NAME.test(name)) return name;
  const message = `${what} must be 1 to 64 letters, digits, "_" or "-", got "${name.slice(0, 80)}"`;
  throw new BailiwickError("INVALID_OPTION", message);
}

/** The subjects that a node answers: bailiwick.zone.<zone>.node.<name>.<what> */
export function nodeSubject(zone: string, node: string, what: string): string {
  return `bailiwick.zone.${zone}.node.${node}.${what}`;
}

/** The node's key in the bucket of nodes, by which other processes name it. */
export function nodeKey(zone: string, node: string): string {
  return `${zone}.${node}`;
}

/** The subject of a node by its key. */
export function subjectOfKey(key: string, what: string): string {
  const [zone = "", node = ""] = key.split(".");
  return nodeSubject(zone, node, what);
}

export function zoneOfKey(key: string): string {
  return key.split(".")[0]!;
}

/** The subjects that a site answers: bailiwick.zone.<zone>.site.<name>.<what> */
export function siteSubject(zone: string, site: string, what: string): string {
  return `bailiwick.zone.${zone}.site.${site}.${what}`;
}

/** What a node asks a training run: bailiwick.run.<run>.<zone>.<node>.<what> */
export function runSubject(run: string, key: string, what: string): string {
  return `bailiwick.run.${run}.${key}.${what}`;
}

/** Where routers report their traffic. */
export const TELEMETRY_SUBJECT = "bailiwick.telemetry";

/** Whether a subscription takes a subject. */
export function takes(subscription: string, subject: string): boolean {
  const pattern = subscription.split(".");
  const tokens = subject.split(".");
  for (const [i, token] of pattern.entries()) {
    if (token === ">") return tokens.length > i;
    if (tokens[i] === undefined || (token !== "*" && token !== tokens[i])) return false;
  }
  return pattern.length === tokens.length;
}
