/** What fitting everything anew would cost: the other side of every decision to train a part. */
import { countParameters, type Expert, expertInputs, resumeTraining } from "../experts/index.ts";
import { batchSizeFor, PRESETS } from "../mixture/index.ts";
import type { Decision } from "./decision.ts";

/** Nets of the search for regimes, and the steps that each takes (docs/method.md). */
const SEARCH_HIDDEN = [16, 16];
const SEARCH_STEPS = 15_000;

/** Multiply-adds of `fit --preset regimes`, about: tuning, search, and experts held out and kept. */
export function refitCost(expert: Expert, nExperts: number, nRows: number): number {
  const { tuning, candidates, restarts } = PRESETS.regimes;
  const nInputs = expertInputs(expert);
  const sizes = expert.kind === "mlp" ? resumeTraining(expert.net).net.sizes : [nInputs, 32, 32, 1];
  const longest = Math.max(...tuning.steps);
  const nSettings = tuning.learningRates.length * tuning.weightDecays.length;
  const tried = nSettings * tuning.steps.reduce((sum, steps) => sum + steps, 0);
  const searched = restarts * candidates.reduce((sum, k) => sum + k, 0) * SEARCH_STEPS;
  const wide = (tried + 2 * (1 + nExperts) * longest) * countParameters(sizes);
  const narrow = searched * countParameters([nInputs, ...SEARCH_HIDDEN, 1]);
  return 3 * batchSizeFor(nRows) * (wide + narrow);
}

/** Where parts together would cost as much as everything, everything is what should be done. */
export function preferRefit(decisions: readonly Decision[], cost: number): readonly Decision[] {
  const parts = decisions.reduce((sum, decision) => sum + decision.cost, 0);
  if (parts < cost) return decisions;
  return decisions.map((decision) => {
    if (decision.action === "keep") return decision;
    const why = `${decision.why}; so much has changed that a fit of all rows is cheaper`;
    return { ...decision, action: "refit", why };
  });
}
