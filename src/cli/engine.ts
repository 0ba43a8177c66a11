/** Where a command runs its training tasks. */
import type { Moved } from "../cluster/training/index.ts";
import { createEngine } from "../library/index.ts";
import { createInlineExecutor, type Executor } from "../mixture/index.ts";
import type { EngineName } from "../shared/choices.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { note } from "./output.ts";

export interface EngineFlags {
  readonly engine?: EngineName;
  readonly threads?: number;
}

/** Where a command's training tasks run: in this process, or on the fabric's trainers. */
export async function createExecutor(
  flags: EngineFlags & Partial<FabricFlags> & { readonly zones?: readonly string[] },
): Promise<Executor> {
  const engine = await createEngine(flags);
  const { fabric: url, zones } = flags;
  if (url === undefined || url === "embedded") return createInlineExecutor(engine);
  // Loads the client only here, so that other commands start without it.
  const { connectFabric, processName } = await import("./connect-fabric.ts");
  const { createFabricExecutor } = await import("../cluster/training/index.ts");
  const fabric = await connectFabric({ ...flags, fabric: url }, `run-${processName()}`);
  const executor = await createFabricExecutor(fabric, {
    engine,
    log: note,
    ...(zones === undefined ? {} : { zones }),
  });
  return {
    ...executor,
    close: async () => {
      note(movedInWords(executor.moved()));
      await executor.close();
      await fabric.close();
    },
  };
}

function movedInWords({ nTasks, nRedelivered, ...moved }: Moved): string {
  const { rowBytes, taskBytes, resultBytes, reshuffledRowBytes } = moved;
  const rest = taskBytes + resultBytes;
  const ratio = (rowBytes + rest) / Math.max(1, reshuffledRowBytes + rest);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return (
    `${nTasks} tasks on the fabric, ${nRedelivered} redelivered; ` +
    `moved ${megabytes(rowBytes)} of rows ` +
    `and ${megabytes(rest)} of nets, ${(100 * ratio).toFixed(0)} % of what reshuffling would`
  );
}
