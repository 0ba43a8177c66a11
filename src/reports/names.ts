/** Methods as a person reads them. */
import type { Method } from "../experiments/index.ts";

export const METHOD_NAMES: Readonly<Record<Method, string>> = {
  mixture: "mixture",
  single: "single net",
  wide: "wide net, equal parameters",
  ensemble4: "ensemble of 4",
  equalCost: "ensemble of equal cost",
  kmeans: "k-means + experts",
};
