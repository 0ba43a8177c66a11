/** `bailiwick serve --retire`: takes models off a fabric whose servers are gone. */
import { basename, resolve } from "node:path";
import { type ErasedExperts, eraseExperts, retireModels } from "../cluster/orchestration/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { connectFabric, processName } from "./connect-fabric.ts";
import { EMBEDDED, type FabricFlags } from "./fabric-options.ts";
import { printLine } from "./output.ts";

export async function retireCommand(
  bundlePaths: readonly string[],
  flags: FabricFlags,
): Promise<void> {
  if (flags.fabric === EMBEDDED) {
    const message = "--retire must be given with --fabric and a NATS server";
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const names = bundlePaths.map((path) => basename(resolve(path)));
  const fabric = await connectFabric(flags, `router-${processName()}`);
  try {
    await retireModels(fabric, names);
    const versions = names.map((model) => ({ model, experts: new Set<string>() }));
    const erased = await eraseExperts(fabric, versions);
    printLine(`retired ${names.join(", ")}`);
    for (const line of erasedLines(erased)) printLine(line);
  } finally {
    await fabric.close();
  }
}

/** What was erased on a fabric, and where something may be left. */
export function erasedLines({ nBlobs, nodes, notReached }: ErasedExperts): readonly string[] {
  const cleaned = [`${nBlobs} blobs of the fabric`, ...nodes.map((key) => `node ${key}`)];
  const lines = [`cleaned: ${cleaned.join(", ")}`];
  return notReached.length === 0 ? lines : [...lines, `not reached: ${notReached.join("; ")}`];
}
