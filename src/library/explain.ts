/** The regimes of a model, in the user's columns and units. */
import { alternativesInWords, effectInWords, type RegimeCard } from "../explain/index.ts";
import { expertId } from "../mixture/index.ts";
import { noExplanation } from "./predict.ts";
import { checkRegressor, type Regressor } from "./regressor.ts";

/** A regime: the training rows that a gate sends to one expert, and their rule and effects. */
export interface Regime extends RegimeCard {
  /** "m0.e1" is expert 1 of member 0. */
  readonly expert: string;
  /** The member's weight in the prediction. A member of weight 0 explains and does not predict. */
  readonly weight: number;
  /** The rule in words, one entry per alternative: "age < 14 and water ≥ 180". */
  readonly where: readonly string[];
  /** How the answer changes with each feature: "age: rises from 21 to 43"; the largest first. */
  readonly effectsInWords: readonly string[];
}

/**
 * The regimes of a model: the rule of each, the errors of its expert, and the features that change
 * the expert's answer.
 *
 * @returns One entry per expert, member by member. Errors, values and importances are in the units
 *   of the columns and the target.
 * @throws BailiwickError EXPLANATION_MISSING for a bundle without an explanation; INVALID_OPTION.
 * @example
 * ```ts
 * import { explain, load } from "bailiwick";
 *
 * for (const { expert, nRows, where, effectsInWords } of explain(await load("out/prices"))) {
 *   console.log(`${expert}: ${nRows} rows, ${where.join(", or ")}; ${effectsInWords[0]}`);
 * }
 * ```
 */
export function explain(model: Regressor): readonly Regime[] {
  checkRegressor("explain", model);
  if (model.explanation === null) throw noExplanation();
  return model.explanation.members.flatMap(({ experts }, m) =>
    experts.map(({ card }, k) => ({
      expert: expertId(m, k),
      weight: model.model.members[m]!.weight,
      where: alternativesInWords(card),
      effectsInWords: card.effects.map((effect) => `${effect.feature}: ${effectInWords(effect)}`),
      ...card,
    })),
  );
}
