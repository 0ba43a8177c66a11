/** Cards as text, for `inspect`, the model card and the report. */
import type {
  Condition,
  Effect,
  LevelsCondition,
  RangeCondition,
  RegimeCard,
} from "./explanation.ts";

/** The change from end to end covers this share of the span if an effect only rises or falls. */
const MONOTONE_SHARE = 0.9;
const DIGITS = 3;

/** "x1 < 0, or x1 ≥ 2 and colour is red"; without a rule, the reason. */
export function ruleInWords(card: RuledCard): string {
  return alternativesInWords(card).join(", or ");
}

/** As `ruleInWords`, with separate alternatives, at least one. */
export function alternativesInWords({ rule, nRows, share }: RuledCard): readonly string[] {
  if (rule !== null) {
    return rule.alternatives.map((conditions) => conditions.map(conditionInWords).join(" and "));
  }
  if (nRows === 0) return ["no training rows"];
  return [share === 1 ? "all rows" : "no short rule tells it apart"];
}

type RuledCard = Pick<RegimeCard, "rule" | "nRows" | "share">;

export function conditionInWords(condition: Condition): string {
  const { kind, feature } = condition;
  if (kind === "missing") return `${feature} is ${condition.missing ? "missing" : "not missing"}`;
  return kind === "range" ? rangeInWords(condition) : levelsInWords(condition);
}

function rangeInWords({ feature, from, to, orMissing }: RangeCondition): string {
  const lower = from === null ? "" : `${from} ≤ `;
  const range = to === null ? `${feature} ≥ ${from}` : `${lower}${feature} < ${to}`;
  return orMissing ? `(${range} or it is missing)` : range;
}

function levelsInWords({ feature, levels, among }: LevelsCondition): string {
  const names = levels.map((level) => level ?? "missing or unknown");
  const [last, others] = [names.at(-1)!, names.slice(0, -1).join(", ")];
  if (others === "") return `${feature} is ${among ? "" : "not "}${last}`;
  return among
    ? `${feature} is ${others} or ${last}`
    : `${feature} is neither ${others} nor ${last}`;
}

/** "rises from 1 to 5", "rises from 1 to 3 at 20, then falls to 2", "3 for red to 1 for blue". */
export function effectInWords({ values, answers }: Effect): string {
  const order = [...answers.keys()].sort((a, b) => answers[a]! - answers[b]!);
  const [low, high] = [order[0]!, order.at(-1)!];
  if (typeof values[0] === "string") {
    const highest = `${figure(answers[high]!)} for ${values[high]}`;
    return `${highest} to ${figure(answers[low]!)} for ${values[low]}`;
  }
  const [first, last] = [answers[0]!, answers.at(-1)!];
  if (Math.abs(last - first) >= MONOTONE_SHARE * (answers[high]! - answers[low]!)) {
    return `${last > first ? "rises" : "falls"} from ${figure(first)} to ${figure(last)}`;
  }
  const peaks = answers[high]! - Math.max(first, last) >= Math.min(first, last) - answers[low]!;
  const [turn, there, back] = peaks ? [high, "rises", "falls"] : [low, "falls", "rises"];
  const way = `${there} from ${figure(first)} to ${figure(answers[turn]!)}`;
  return `${way} at ${figure(values[turn] as number)}, then ${back} to ${figure(last)}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}
