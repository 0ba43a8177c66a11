/** Weights of samples as every family reads them. */
import type { Samples } from "./expert.ts";

type Weighed = Pick<Samples, "y" | "weights">;

/** Of every sample; 1 where none are given. */
export function weightsOf({ weights, y }: Weighed): Float64Array {
  return weights === null ? new Float64Array(y.length).fill(1) : Float64Array.from(weights);
}

/** Samples of some weight, ascending. */
export function weighedRows({ weights, y }: Weighed): number[] {
  const all = Array.from(y, (_, i) => i);
  return weights === null ? all : all.filter((i) => weights[i]! > 0);
}
