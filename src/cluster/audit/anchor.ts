/**
 * The anchor of an audit log: a place beyond the log's writer that gets each head, so that a log
 * that is written again from its beginning shows.
 */
import { basename } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import { every } from "../../shared/every.ts";
import { appendLine } from "../../shared/files.ts";
import type { AuditHead } from "./read-log.ts";

export interface Anchor {
  /** Sends a head, after those before it. */
  send(head: AuditHead): void;
  /** Tries once more to send what is left. */
  close(): Promise<void>;
}

const RETRY_MS = 5000;
const TIMEOUT_MS = 5000;
/** While the anchor does not answer, the oldest heads are left out: later ones seal them. */
const MAX_WAITING = 10_000;

/**
 * @param target - A file that gets a line of number and hash for each head, or an http(s) address
 *   that gets a POST of { log, number, hash }.
 * @param log - The log's path; its name goes to the address.
 * @param say - Gets a line when the anchor fails, and when it works again.
 * @throws INVALID_OPTION for an address that is none.
 */
export function openAnchor(target: string, log: string, say: (line: string) => void): Anchor {
  const { shown, deliver } = delivererOf(target, basename(log));
  const waiting: AuditHead[] = [];
  let hasFailed = false;
  const flushing = every(RETRY_MS, async () => {
    for (let head = waiting[0]; head !== undefined; head = waiting[0]) {
      try {
        await deliver(head);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (!hasFailed) say(`the audit anchor ${shown} did not take line ${head.number}: ${why}`);
        hasFailed = true;
        return;
      }
      waiting.shift();
    }
    if (hasFailed) say(`the audit anchor ${shown} takes lines again`);
    hasFailed = false;
  });
  return {
    send: (head) => {
      waiting.push(head);
      // The first may be on its way.
      if (waiting.length > MAX_WAITING) waiting.splice(1, 1);
      flushing.now();
    },
    close: async () => {
      flushing.now();
      await flushing.stop();
    },
  };
}

interface Deliverer {
  /** The target without what may be secret in an address. */
  readonly shown: string;
  deliver(head: AuditHead): Promise<void>;
}

function delivererOf(target: string, log: string): Deliverer {
  if (!/^https?:/.test(target)) return { shown: target, deliver: fileDeliverer(target) };
  const url = parseAddress(target);
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers = {
    "content-type": "application/json",
    ...(login === ":" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
  };
  [url.username, url.password] = ["", ""];
  return {
    shown: url.host,
    deliver: async ({ number, hash }) => {
      const answer = await fetch(url, {
        method: "POST",
        headers,
        body: JSON.stringify({ log, number, hash }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    },
  };
}

/** Begins with a line feed: a kill may have cut the line before. */
function fileDeliverer(path: string): Deliverer["deliver"] {
  let start = "\n";
  return async ({ number, hash }) => {
    await appendLine(path, `${start}${number} ${hash}`);
    start = "";
  };
}

function parseAddress(target: string): URL {
  try {
    return new URL(target);
  } catch (cause) {
    const message = "--audit-anchor must be a file or an http(s) address, the address is none";
    throw new BailiwickError("INVALID_OPTION", message, {}, cause);
  }
}
