/** `bailiwick kubernetes`: the controller of Models and NodePools. */
import { basename } from "node:path";
import { connectKube, startController } from "../cluster/kubernetes/index.ts";
import { eraseExperts, retireModels } from "../cluster/orchestration/index.ts";
import { connectFabric, processName } from "./connect-fabric.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { closeAll, type Opened } from "./opened.ts";
import { note } from "./output.ts";
import { firstStopSignal } from "./stop-signals.ts";

export interface KubernetesFlags extends FabricFlags {
  readonly namespace: string;
  readonly image: string;
  readonly bundles: string;
  readonly tokens: string;
}

/** Runs until a signal. */
export async function kubernetesCommand(flags: KubernetesFlags): Promise<void> {
  const stopped = firstStopSignal();
  const { namespace, image, bundles, tokens, fabric } = flags;
  const opened: Opened = [];
  try {
    const controller = startController(await connectKube(), {
      namespace,
      identity: processName(),
      deploy: { image, fabric, bundles, tokens },
      retire: (bundle) => retire(basename(bundle), flags),
      log: note,
      random: Math.random,
    });
    opened.push(() => controller.close());
    await stopped;
  } finally {
    await closeAll(opened);
  }
}

/** The fabric is needed for this alone, so the controller does without it otherwise. */
async function retire(model: string, flags: KubernetesFlags): Promise<void> {
  const fabric = await connectFabric(flags, `router-${processName()}`);
  try {
    await retireModels(fabric, [model]);
    const { notReached } = await eraseExperts(fabric, [{ model, experts: new Set<string>() }]);
    if (notReached.length > 0) note(`retired ${model}; not reached: ${notReached.join("; ")}`);
  } finally {
    await fabric.close();
  }
}
