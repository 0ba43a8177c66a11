/** `bailiwick site`: rows that stay on this machine, and sums over them for a fit elsewhere. */
import { checkName } from "../cluster/fabric/index.ts";
import { openLedger, startSite } from "../cluster/sites/index.ts";
import type { ColumnTypes } from "../data/index.ts";
import { createNetGradients } from "../experts/index.ts";
import { openTable, selectRows } from "../library/index.ts";
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
  readonly data: string;
  readonly target?: string;
  readonly drop?: readonly string[];
  readonly keep?: readonly string[];
  readonly types?: ColumnTypes;
  readonly ledger?: string;
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
  const { data, target, drop, keep, types } = flags;
  const columns = { target, drop, keep, types, mirror: mirrorFolder() };
  const table = await openTable(data, { ...columns, ...readingOf(flags) });
  table.warnings.forEach(warn);
  const rows = selectRows(table.name, table.table, table);
  const path = flags.ledger ?? `${name}.ledger.jsonl`;
  const ledger = await openLedger(path);
  const fabric = await connectFabric(flags, `site-${zone}-${name}`);
  opened.push(() => fabric.close());
  fabric.refusals.onFirst(log);
  fabric.onConnection((isConnected) => {
    log(isConnected ? "reconnected" : "lost the connection, reconnecting");
  });
  const engine = await createNetGradients();
  opened.push(await startSite(fabric, { name, zone, rows, engine, ledger, log }));
  const held = count(rows.y.length, "row");
  log(`joined as ${zone}.${name}: ${held} stay here; what is told of them stands in ${path}`);
}
