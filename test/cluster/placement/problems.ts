/** Every plan of problems that are small enough to be solved by trying everything. */
import type { Problem } from "../../../src/cluster/placement/index.ts";

/** Every plan there is. */
export function* allPlans({ devices, experts }: Problem, e = 0): Generator<number[][]> {
  if (e === experts.length) {
    yield [];
    return;
  }
  for (const rest of allPlans({ devices, experts } as Problem, e + 1)) {
    for (const places of subsets(devices.length, experts[e]!.replicas)) yield [places, ...rest];
  }
}

function subsets(n: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: n - from }, (_, i) => from + i).flatMap((first) =>
    subsets(n, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}
