/** What the search for regimes costs, known before it is done. */
import { countParameters } from "../../experts/index.ts";
import { LAWS } from "./climb.ts";

/** Steps that a net of the search takes in all, over both stages and the hand-over. */
const SEARCH_STEPS = 15_000;

/** Parameters times steps of one net of one climb, about. */
export function searchNetCost(nInputs: number): number {
  return SEARCH_STEPS * countParameters([nInputs, ...LAWS.nets, 1]);
}
