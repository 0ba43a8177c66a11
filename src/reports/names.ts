/** Methods as a person reads them. */
import type { ExperimentResult, Method } from "../experiments/index.ts";

const METHOD_NAMES: Readonly<Record<Method, string>> = {
  mixture: "mixture",
  single: "single net",
  wide: "wide net, equal parameters",
  ensemble4: "ensemble of 4",
  equalCost: "ensemble of equal cost",
  kmeans: "k-means + experts",
};

/** What a run compares with its rivals, in a word. */
export function ownName({ splits }: Pick<ExperimentResult, "splits">): "mixture" | "committee" {
  return splits.some(({ committee }) => committee !== undefined) ? "committee" : "mixture";
}

export function methodNames(
  result: Pick<ExperimentResult, "splits">,
): Readonly<Record<Method, string>> {
  return { ...METHOD_NAMES, mixture: ownName(result) };
}
