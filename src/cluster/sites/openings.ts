/**
 * One query, one set of sites: the sums of one query over two sets of sites that differ by one
 * would tell that one's own. A query may be asked again in another round, but is opened for the
 * same sites alone.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import { queryToJson } from "./query-schema.ts";
import type { AskedMasked, AskedOpen } from "./secure-messages.ts";

export interface Openings {
  /** Notes which query a round is of. */
  asked(asked: AskedMasked): void;
  /** @throws SITE_REFUSED if the round's query was opened for other sites. */
  check(asked: AskedOpen): void;
  /** Notes for whom the round's query is opened. */
  opened(asked: AskedOpen): void;
}

/** Rounds and queries that are remembered. */
const KEPT = 100_000;

export function createOpenings(): Openings {
  const queryOf = new Map<string, string>();
  const openedFor = new Map<string, string>();
  return {
    asked: ({ fit, round, query }) => {
      keep(queryOf, `${fit} ${round}`, sha256(JSON.stringify([fit, queryToJson(query)])));
    },
    check: ({ fit, round, answered }) => {
      const before = openedFor.get(queryOf.get(`${fit} ${round}`) ?? "");
      if (before === undefined || before === answered.join()) return;
      const message = `a query must be opened for the same sites, before for ${before}`;
      throw new BailiwickError("SITE_REFUSED", message);
    },
    opened: ({ fit, round, answered }) => {
      const query = queryOf.get(`${fit} ${round}`);
      if (query !== undefined) keep(openedFor, query, answered.join());
    },
  };
}

function keep(map: Map<string, string>, key: string, value: string): void {
  map.set(key, value);
  if (map.size <= KEPT) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
