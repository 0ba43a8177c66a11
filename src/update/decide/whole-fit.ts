/** Training parts of a model against a new fit of everything. */
import { countParameters, type Expert, expertInputs, resumeTraining } from "../../experts/index.ts";
import { batchSizeFor, PRESETS, searchNetCost } from "../../mixture/index.ts";
import type { Current } from "../current.ts";
import type { Decision } from "./decision.ts";

/** If parts together cost as much as everything, everything must be fitted again. */
export function preferWholeFit(
  { model, nTrain }: Current,
  decisions: readonly Decision[],
): readonly Decision[] {
  const whole = model.members.reduce((sum, { mixture: { experts } }) => {
    return sum + wholeFitCost(experts[0]!, experts.length, nTrain);
  }, 0);
  const parts = decisions.reduce((sum, decision) => sum + decision.cost, 0);
  if (parts < whole) return decisions;
  return decisions.map((decision) => {
    if (decision.action === "keep") return decision;
    const why = `${decision.why}; so much has changed that a fit of all rows is cheaper`;
    return { ...decision, action: "refit", why };
  });
}

/** Hidden layers of nets beside experts that are none. */
const HIDDEN = [32, 32];

/** Multiply-adds of `fit --preset regimes`, about: tuning, search, experts held out and kept. */
function wholeFitCost(expert: Expert, nExperts: number, nRows: number): number {
  const { tuning, candidates, restarts } = PRESETS.regimes;
  const nInputs = expertInputs(expert);
  const sizes =
    expert.kind === "mlp" ? resumeTraining(expert.net).net.sizes : [nInputs, ...HIDDEN, 1];
  const longest = Math.max(...tuning.steps);
  const nSettings = tuning.learningRates.length * tuning.weightDecays.length;
  const tried = nSettings * tuning.steps.reduce((sum, steps) => sum + steps, 0);
  const nSearched = restarts * candidates.reduce((sum, k) => sum + k, 0);
  const wide = (tried + 2 * (1 + nExperts) * longest) * countParameters(sizes);
  return 3 * batchSizeFor(nRows) * (wide + nSearched * searchNetCost(nInputs));
}
