/** The frame of a command that is on a fabric until a signal stops it: a node, a site. */
import type { Fabric } from "../cluster/fabric/index.ts";
import { connectFabric } from "./connect-fabric.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { closeAll, type Opened } from "./opened.ts";
import { note } from "./output.ts";
import { firstStopSignal } from "./stop-signals.ts";

export interface Membership {
  readonly log: (line: string) => void;
  readonly opened: Opened;
  /** What is done at SIGTERM before anything is closed; a person at the terminal does not wait. */
  readonly beforeEnd: Opened;
}

/** Joins, waits for a signal, and closes what was opened; then the process ends. */
export async function memberUntilStopped(
  name: string,
  join: (membership: Membership) => Promise<void>,
): Promise<void> {
  const log = (line: string): void => note(`${name}: ${line}`);
  const stopped = firstStopSignal();
  const opened: Opened = [];
  const beforeEnd: Opened = [];
  try {
    const joined = join({ log, opened, beforeEnd });
    const signal = await Promise.race([joined.then(() => stopped), stopped]);
    log(`${signal}: leaving`);
    if (signal === "SIGTERM") for (const wait of beforeEnd) await wait();
  } finally {
    await closeAll(opened);
  }
  // A part that was still opening at the signal could keep the process alive.
  process.exit();
}

/** A connection that says when it is lost and what it refuses. @throws as `connectFabric` */
export async function connectMember(
  flags: FabricFlags,
  processName: string,
  { log, opened }: Membership,
): Promise<Fabric> {
  const fabric = await connectFabric(flags, processName);
  opened.push(() => fabric.close());
  fabric.refusals.onFirst(log);
  fabric.onConnection((isConnected) => {
    log(isConnected ? "reconnected" : "lost the connection, reconnecting");
  });
  return fabric;
}
