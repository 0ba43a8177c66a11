/** The cost of the search for regimes, computed beforehand. */
import { countParameters } from "../../experts/index.ts";
import { LAWS } from "./laws.ts";

/** Steps of one law of one number of experts, over all its starts, polishing included. */
const SEARCH_STEPS = 30_000;

/** Parameters times steps of one law of one number of experts, about. */
export function searchNetCost(nInputs: number): number {
  return SEARCH_STEPS * countParameters([nInputs, ...LAWS.nets, 1]);
}
