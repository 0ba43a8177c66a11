/**
 * A site: holds rows that do not leave it, and answers sums over them on a fabric.
 *
 * Every request is checked, noted in the ledger, and answered from the request alone: asked again,
 * it gives the same answer, so that a coordinator may try again whatever was lost.
 */
import type { NetGradients } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import { checkName, type Fabric, nodeKey, type Stop, siteSubject } from "../fabric/index.ts";
import {
  createAnswerer,
  describeRows,
  LEAST_ROWS,
  queryInWords,
  type SiteRows,
} from "../sums/index.ts";
import type { Ledger } from "./ledger.ts";
import {
  bytesOfSums,
  DESCRIBE,
  readAsked,
  readPart,
  SUM,
  writeDescription,
  writePart,
} from "./messages.ts";

export interface SiteOptions {
  readonly name: string;
  readonly zone: string;
  readonly rows: SiteRows;
  readonly engine: NetGradients;
  readonly ledger: Ledger;
  /** Gets a line for the person who runs the site. */
  readonly log?: (line: string) => void;
}

/** @throws TOO_FEW_ROWS if sums over all rows would say too much of one of them. */
export async function startSite(fabric: Fabric, options: SiteOptions): Promise<Stop> {
  const { rows, engine, ledger, log = () => undefined } = options;
  const zone = checkName("a zone", options.zone);
  const name = checkName("a site's name", options.name);
  const key = nodeKey(zone, name);
  if (rows.y.length < LEAST_ROWS) {
    const message = `a site must have ${LEAST_ROWS} rows at least, got ${rows.y.length}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { found: rows.y.length });
  }
  const answer = createAnswerer(engine, rows);
  /** The last answer, of which a coordinator asks for one part after the other. */
  let last: { readonly request: string; readonly bytes: Uint8Array } | null = null;
  const answerTo = async (body: Uint8Array): Promise<Uint8Array> => {
    const request = sha256(body);
    if (last?.request === request) return last.bytes;
    const asked = readAsked(body);
    const { fit, sites, query } = asked;
    const words = queryInWords(query);
    try {
      if (!sites.includes(key)) {
        const message = `the sites of a fit must have ${key} among them, got ${sites.join(", ")}`;
        throw new BailiwickError("SITE_REFUSED", message);
      }
      const sums = answer(query);
      const times = await ledger.tell(asked);
      if (times === 1) log(`fit ${fit} of ${sites.length} sites asked for ${words}: told`);
      last = { request, bytes: bytesOfSums(sums) };
      return last.bytes;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`fit ${fit} asked for ${words}: refused, ${why}`);
      throw error;
    }
  };
  const answerOn = (what: string, own: (body: Uint8Array) => Promise<Uint8Array>): Promise<Stop> =>
    fabric.answer(siteSubject(zone, name, what), async (message) =>
      writePart(await own(message.body), readPart(message), fabric.maxBodyBytes),
    );
  const stops = [
    await answerOn(DESCRIBE, async () => writeDescription(describeRows(rows))),
    await answerOn(SUM, answerTo),
  ];
  return async () => {
    for (const stop of stops) await stop();
  };
}
