/** How the cost of an epoch grows with rows, with features and with experts, one at a time. */
import { createWasmEngine } from "../../experts/index.ts";
import { median } from "../../shared/statistics.ts";
import { createWorkload, epochCpuMs } from "./workload.ts";

export interface ScalingPoint {
  readonly nRows: number;
  readonly nFeatures: number;
  readonly nExperts: number;
  /** CPU nanoseconds for one row in one epoch of one expert. */
  readonly nsPerRow: number;
  /** Memory of the engine, at its largest since it does not shrink. */
  readonly engineMb: number;
  /** That ÷ the bytes of the data and of all experts' parameters. */
  readonly memoryRatio: number;
  /** Memory of the whole process just after, the engine's and the data's included. */
  readonly residentMb: number;
}

export interface ScalingPlan {
  readonly rows: readonly number[];
  readonly features: readonly number[];
  readonly experts: readonly number[];
}

export const FULL_SCALING: ScalingPlan = {
  rows: [1000, 10_000, 100_000, 1_000_000],
  features: [4, 16, 64, 256],
  experts: [1, 4, 16, 64],
};

const BASE = { nRows: 10_000, nFeatures: 10, nExperts: 1 };
const BATCH = 32;
const ROUNDS = 3;

export async function measureScaling(plan: ScalingPlan): Promise<readonly ScalingPoint[]> {
  const points: ScalingPoint[] = [];
  for (const nFeatures of plan.features) points.push(await measure({ ...BASE, nFeatures }));
  for (const nExperts of plan.experts) points.push(await measure({ ...BASE, nExperts }));
  for (const nRows of plan.rows) points.push(await measure({ ...BASE, nRows }));
  return points;
}

/** A new engine for every point: the kernel's memory does not shrink. */
async function measure(size: typeof BASE): Promise<ScalingPoint> {
  const { nRows, nFeatures, nExperts } = size;
  const engine = await createWasmEngine();
  const workload = createWorkload(nRows, nFeatures);
  const nEpochs = Math.ceil(BASE.nRows / nRows);
  const epoch = (): Promise<number> =>
    epochCpuMs(engine, workload, BATCH, { nNets: nExperts, nEpochs });
  await epoch();
  const rounds: number[] = [];
  for (let r = 0; r < ROUNDS; r++) rounds.push(await epoch());
  const residentMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
  const engineBytes = engine.memoryBytes();
  await engine.close();
  const { X, y, net } = workload;
  const needed = X.values.byteLength + y.byteLength + nExperts * net.parameters.byteLength;
  return {
    ...size,
    nsPerRow: (1e6 * median(rounds)) / (nRows * nExperts),
    engineMb: Number((engineBytes / 2 ** 20).toFixed(1)),
    memoryRatio: engineBytes / needed,
    residentMb,
  };
}
