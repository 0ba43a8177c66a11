/** `bailiwick site`: sums for a fit elsewhere, over rows that stay here, or of further sites. */
import { checkName } from "../cluster/fabric/index.ts";
import { openLedger, siteName, startSite, sumOfRows, sumOfSites } from "../cluster/sites/index.ts";
import type { ColumnTypes, SelectedTarget } from "../data/index.ts";
import { createNetGradients } from "../experts/index.ts";
import { openTable, selectRows } from "../library/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { count } from "../shared/wording.ts";
import { connectFabric } from "./connect-fabric.ts";
import { mirrorFolder } from "./environment.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { note, warn } from "./output.ts";
import { type ReadingFlags, readingOf } from "./shared-options.ts";
import { firstStopSignal } from "./stop-signals.ts";

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
}

/** Everything opened, to be closed in reverse order. */
type Opened = (() => Promise<unknown>)[];

export async function siteCommand(flags: SiteFlags): Promise<void> {
  const log = (line: string): void => note(`${flags.name}: ${line}`);
  const stopped = firstStopSignal();
  const opened: Opened = [];
  try {
    const signal = await Promise.race([join(flags, log, opened).then(() => stopped), stopped]);
    log(`${signal}: leaving`);
  } finally {
    for (const end of opened.splice(0).reverse()) await end();
  }
  // A part that was still opening at the signal could keep the process alive.
  process.exit();
}

async function join(flags: SiteFlags, log: (line: string) => void, opened: Opened): Promise<void> {
  const zone = checkName("a zone", flags.zone);
  const name = checkName("a site's name", flags.name);
  const { plain: isPlain = false, ledger: path = `${name}.ledger.jsonl` } = flags;
  checkSource(flags);
  const rows = flags.data === undefined ? null : await openRows(flags, flags.data);
  const ledger = await openLedger(path);
  const fabric = await connectFabric(flags, `site-${zone}-${name}`);
  opened.push(() => fabric.close());
  fabric.refusals.onFirst(log);
  fabric.onConnection((isConnected) => {
    log(isConnected ? "reconnected" : "lost the connection, reconnecting");
  });
  const sites = (flags.sites ?? []).map(siteName);
  const source =
    rows === null
      ? sumOfSites(fabric, sites, { log })
      : sumOfRows(await createNetGradients(), rows);
  opened.push(await startSite(fabric, { name, zone, source, ledger, isPlain, log }));
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

async function openRows(flags: SiteFlags, data: string): Promise<SelectedTarget> {
  const { target, drop, keep, types } = flags;
  const columns = { target, drop, keep, types, mirror: mirrorFolder() };
  const table = await openTable(data, { ...columns, ...readingOf(flags) });
  table.warnings.forEach(warn);
  return selectRows(table.name, table.table, table);
}
