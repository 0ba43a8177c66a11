/** Rules that name no level of forgotten rows. */
import type { Condition, Explanation, Rule } from "./explanation.ts";

/**
 * Rules without the levels that are not kept: a condition that holds for no row any more takes its
 * alternative along, and one that holds for all goes alone. A rule without alternatives is null.
 */
export function withoutLevels(
  explanation: Explanation,
  isKept: (feature: string, level: string) => boolean,
): Explanation {
  return {
    members: explanation.members.map((member) => ({
      ...member,
      experts: member.experts.map(({ card, ...rest }) => {
        return { ...rest, card: { ...card, rule: card.rule && ruleOf(card.rule, isKept) } };
      }),
    })),
  };
}

function ruleOf(rule: Rule, isKept: (feature: string, level: string) => boolean): Rule | null {
  const alternatives = rule.alternatives.flatMap((conditions) => {
    const left = conditions.map((condition) => conditionOf(condition, isKept));
    if (left.includes("never")) return [];
    const kept = left.filter((one): one is Condition => typeof one !== "string");
    return kept.length === 0 ? [] : [kept];
  });
  return alternatives.length === 0 ? null : { ...rule, alternatives };
}

function conditionOf(
  condition: Condition,
  isKept: (feature: string, level: string) => boolean,
): Condition | "never" | "always" {
  if (condition.kind !== "levels") return condition;
  const { feature, among } = condition;
  const levels = condition.levels.filter((level) => level === null || isKept(feature, level));
  if (levels.length > 0) return { ...condition, levels };
  return among ? "never" : "always";
}
