/** `bailiwick site`: sums for a fit elsewhere, over rows that stay here, or of further sites. */
import { checkName } from "../cluster/fabric/index.ts";
import {
  DEFAULT_DELTA,
  openLedger,
  type PrivacyLimit,
  siteName,
  startSite,
  sumOfRows,
  sumOfSites,
} from "../cluster/sites/index.ts";
import type { ColumnTypes, SelectedTarget } from "../data/index.ts";
import { createNetGradients } from "../experts/index.ts";
import { openTable, selectRows } from "../library/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { count } from "../shared/wording.ts";
import { mirrorFolder } from "./environment.ts";
import { connectMember, type Membership, memberUntilStopped } from "./fabric-member.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { warn } from "./output.ts";
import { type ReadingFlags, readingOf } from "./shared-options.ts";

export interface SiteFlags extends FabricFlags, ReadingFlags {
  readonly name: string;
  readonly zone: string;
  readonly data?: string;
  /** In place of data: sites whose sums are added here. */
  readonly sites?: readonly string[];
  readonly target?: string;
  readonly drop?: readonly string[];
  readonly keep?: readonly string[];
  readonly types?: ColumnTypes;
  readonly ledger?: string;
  readonly plain?: boolean;
  readonly epsilonLimit?: number;
  readonly deltaLimit?: number;
}

export async function siteCommand(flags: SiteFlags): Promise<void> {
  await memberUntilStopped(flags.name, (membership) => join(flags, membership));
}

async function join(flags: SiteFlags, membership: Membership): Promise<void> {
  const { log, opened } = membership;
  const zone = checkName("a zone", flags.zone);
  const name = checkName("a site's name", flags.name);
  const { plain: isPlain = false, ledger: path = `${name}.ledger.jsonl` } = flags;
  checkSource(flags);
  const limit = limitOf(flags);
  const rows = flags.data === undefined ? null : await openRows(flags, flags.data);
  const ledger = await openLedger(path, { limit });
  const fabric = await connectMember(flags, `site-${zone}-${name}`, membership);
  const sites = (flags.sites ?? []).map(siteName);
  const source =
    rows === null
      ? sumOfSites(fabric, sites, { log })
      : sumOfRows(await createNetGradients(), rows);
  const isPrivate = limit !== null;
  const site = { name, zone, source, ledger, isPlain, isPrivate, log };
  opened.push(await startSite(fabric, site));
  const held =
    rows === null
      ? `sums of ${count(sites.length, "site")} are added here`
      : `${count(rows.y.length, "row")} stay here`;
  log(`joined as ${zone}.${name}: ${held}; what is told of them stands in ${path}`);
}

/** @throws INVALID_OPTION unless the rows are here or at other sites. */
function checkSource({ data, sites }: SiteFlags): void {
  if ((data === undefined) !== (sites === undefined)) return;
  const found = data === undefined ? "neither" : "both";
  const message = `a site must have --data or --sites, rows here or elsewhere; got ${found}`;
  throw new BailiwickError("INVALID_OPTION", message);
}

/** @throws INVALID_OPTION for a limit of a site that holds no rows, and for δ alone. */
function limitOf({ epsilonLimit, deltaLimit, sites }: SiteFlags): PrivacyLimit | null {
  if (epsilonLimit === undefined) {
    if (deltaLimit === undefined) return null;
    throw new BailiwickError("INVALID_OPTION", "--delta-limit needs --epsilon-limit");
  }
  if (sites !== undefined) {
    const message = "--epsilon-limit goes with --data, it is a limit of who holds rows";
    throw new BailiwickError("INVALID_OPTION", message);
  }
  return { epsilon: epsilonLimit, delta: deltaLimit ?? DEFAULT_DELTA };
}

async function openRows(flags: SiteFlags, data: string): Promise<SelectedTarget> {
  const { target, drop, keep, types } = flags;
  const columns = { target, drop, keep, types, mirror: mirrorFolder() };
  const table = await openTable(data, { ...columns, ...readingOf(flags) });
  table.warnings.forEach(warn);
  return selectRows(table.name, table.table, table);
}
