/**
 * Sites in this process, on an embedded fabric: each with its own rows, ledger and secrets, and
 * asked by the messages that go over a NATS server. What passes is counted where it is asked for.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fabric, type Message, openHub, type Stop } from "../../cluster/fabric/index.ts";
import { addWords, fromWords, toWords } from "../../cluster/masks/index.ts";
import {
  openLedger,
  type SiteName,
  type SumSource,
  startSite,
  sumOfRows,
  sumOfSites,
} from "../../cluster/sites/index.ts";
import {
  type AskSum,
  agreedColumns,
  createAnswerer,
  describeRows,
  type SiteDescription,
  type SiteRows,
} from "../../cluster/sums/index.ts";
import type { NetGradients } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";

/** What a connection has asked for so far. */
export interface Counted {
  messages: number;
  /** Bodies, both ways; and those of answers alone. */
  bytes: number;
  answeredBytes: number;
  /** Time in which sites on this connection worked, one request at a time. */
  siteMs: number;
}

export interface Process {
  /** A connection whose requests are counted. */
  connect(): { readonly fabric: Fabric; readonly counted: Counted };
  /** Starts a site of these rows. */
  site(fabric: Fabric, name: SiteName, rows: SiteRows): Promise<void>;
  /** Starts sites that each add up every `nRegions`-th of these, each on its own connection. */
  regions(sites: readonly SiteName[], nRegions: number): Promise<readonly SiteName[]>;
  close(): Promise<void>;
}

export async function openProcess(engine: NetGradients): Promise<Process> {
  const hub = await openHub();
  const folder = await mkdtemp(join(tmpdir(), "bench-sites-"));
  const stops: Stop[] = [];
  const start = async (fabric: Fabric, { zone, name }: SiteName, source: SumSource) => {
    const ledger = await openLedger(join(folder, `${zone}.${name}.jsonl`));
    stops.push(await startSite(fabric, { zone, name, source, ledger }));
  };
  const connect = (): ReturnType<Process["connect"]> => {
    const counted = { messages: 0, bytes: 0, answeredBytes: 0, siteMs: 0 };
    return { fabric: counting(hub.connect(), counted), counted };
  };
  return {
    connect,
    site: (fabric, name, rows) => start(fabric, name, sumOfRows(engine, rows)),
    regions: async (sites, nRegions) => {
      const { zone } = sites[0]!;
      const names = Array.from({ length: nRegions }, (_, r): SiteName => ({ zone, name: `r${r}` }));
      for (const [r, name] of names.entries()) {
        const { fabric } = connect();
        const ofRegion = sites.filter((_, s) => s % nRegions === r);
        await start(fabric, name, sumOfSites(fabric, ofRegion, { log: () => undefined }));
      }
      return names;
    },
    close: async () => {
      for (const stop of stops) await stop();
      await hub.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Modifies `counted` with every request, and every answer. */
function counting(fabric: Fabric, counted: Counted): Fabric {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    ...fabric,
    request: async (subject, message, timeoutMs) => {
      const answer = await fabric.request(subject, message, timeoutMs);
      counted.messages += 2;
      counted.bytes += message.body.length + answer.body.length;
      counted.answeredBytes += answer.body.length;
      return answer;
    },
    answer: (subject, handler) =>
      fabric.answer(subject, (message) => {
        // One at a time, so that the time is that of one request.
        const answered = turn.then(async (): Promise<Message> => {
          const begun = nowMs();
          const answer = await handler(message);
          counted.siteMs += nowMs() - begun;
          return answer;
        });
        turn = answered.catch(() => undefined);
        return answered;
      }),
  };
}

/** Sums over rows in memory, in fixed point, without messages: to the bit what sites sum. */
export function sumsInMemory(
  engine: NetGradients,
  sites: readonly SiteRows[],
): { readonly said: SiteDescription; readonly askSum: AskSum } {
  const answerers = sites.map((rows) => createAnswerer(engine, rows));
  const described = sites.map((rows, s) => ({ name: `s${s}`, said: describeRows(rows) }));
  return {
    said: agreedColumns(described),
    askSum: async (query) => {
      const [first, ...others] = answerers.map((answer) => toWords(answer(query), sites.length));
      for (const words of others) addWords(first!, words);
      return fromWords(first!);
    },
  };
}
