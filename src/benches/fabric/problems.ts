/** Problems of placement drawn at random: some as small as can be tried out, some large. */
import {
  DEFAULT_WEIGHTS,
  type Device,
  type Load,
  type Problem,
} from "../../cluster/placement/index.ts";
import { createRng } from "../../shared/rng.ts";

export interface ProblemSizes {
  readonly nExperts: number;
  readonly nDevices: number;
  /** Memory and speed of the devices ÷ what the experts need. */
  readonly room: number;
  readonly replicas?: number;
}

/** Devices of other speeds, links and zones; experts of other sizes and traffic, a few pinned. */
export function drawProblem(
  seed: number,
  { nExperts, nDevices, room, replicas = 1 }: ProblemSizes,
): Problem {
  const rng = createRng(seed);
  const zones = ["plant", "centre"];
  const experts = Array.from({ length: nExperts }, (_, e): Load => {
    const width = 16 + 16 * rng.int(4);
    return {
      id: `e${e}`,
      bytes: 4 * width * (width + 10),
      flopsPerRow: width * (width + 10),
      bytesPerRow: 44,
      rowsPerSecond: 1000 * (0.3 + rng.uniform()),
      replicas,
      zones: rng.uniform() < 0.1 ? [zones[e % 2]!] : null,
    };
  });
  const bytes = experts.reduce((sum, expert) => sum + expert.bytes * replicas, 0);
  const flops = experts.reduce((sum, { flopsPerRow, rowsPerSecond }) => {
    return sum + flopsPerRow * rowsPerSecond;
  }, 0);
  const devices = Array.from({ length: nDevices }, (_, d): Device => {
    const size = 0.5 + rng.uniform();
    return {
      name: `d${d}`,
      zone: zones[d % 2]!,
      memoryBytes: (room * size * bytes) / nDevices,
      flopsPerSecond: ((room * size) / 0.8) * (flops / nDevices),
      latencyMs: 0.1 + 2 * rng.uniform(),
      bytesPerSecond: 1e7 + 1e8 * rng.uniform(),
      watts: 100 * rng.uniform(),
    };
  });
  const problem = { devices, experts, weights: DEFAULT_WEIGHTS, maxLoad: 0.8, batchRows: 64 };
  return { ...problem, current: null };
}
