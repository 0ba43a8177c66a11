/** The numbers of the rule by which experts are placed and moved, and the file that holds them. */
import { z } from "zod";
import { parseJsonFile } from "../../shared/json.ts";
import { DEFAULT_WEIGHTS, type Weights } from "../placement/index.ts";

export interface Rule {
  /** Share of the expected time of an answer that a move must gain. */
  readonly gain: number;
  /** The gain must be larger by this share of the forecast's relative error. */
  readonly caution: number;
  /** How many times in a row it must be seen. */
  readonly persistence: number;
  /** How far ahead the forecast looks, in times between two decisions. */
  readonly ahead: number;
  /** Weights of the search for a plan. */
  readonly imbalance: number;
  readonly migration: number;
}

/** What each number may be, and what it is without tuning. */
export const RULE_RANGES: Readonly<
  Record<keyof Rule, { readonly least: number; readonly most: number; readonly usual: number }>
> = {
  gain: { least: 0.01, most: 0.5, usual: 0.1 },
  caution: { least: 0, most: 1, usual: 0 },
  persistence: { least: 1, most: 8, usual: 2 },
  ahead: { least: 1, most: 6, usual: 1 },
  imbalance: { least: 1, most: 50, usual: DEFAULT_WEIGHTS.imbalance },
  migration: { least: 0.005, most: 5, usual: DEFAULT_WEIGHTS.migration },
};

export const RULE_NAMES = [
  "gain",
  "caution",
  "persistence",
  "ahead",
  "imbalance",
  "migration",
] as const satisfies readonly (keyof Rule)[];

export const DEFAULT_RULE: Rule = ruleOf(({ usual }) => usual);

/** A rule whose numbers are made from their ranges. */
export function ruleOf(
  make: (range: (typeof RULE_RANGES)[keyof Rule], name: keyof Rule) => number,
): Rule {
  const of = (name: keyof Rule): number => make(RULE_RANGES[name], name);
  return {
    gain: of("gain"),
    caution: of("caution"),
    persistence: of("persistence"),
    ahead: of("ahead"),
    imbalance: of("imbalance"),
    migration: of("migration"),
  };
}

export function weightsOf({ imbalance, migration }: Rule): Weights {
  return { ...DEFAULT_WEIGHTS, imbalance, migration };
}

/** A rule that was tuned, with the names of the scenarios that it was tuned on. */
export interface TunedPolicy {
  readonly rule: Rule;
  readonly trainedOn: readonly string[];
}

const within = (name: keyof Rule): z.ZodNumber => {
  const { least, most } = RULE_RANGES[name];
  return z.number().min(least).max(most);
};

const schema: z.ZodType<TunedPolicy> = z.strictObject({
  rule: z.strictObject({
    gain: within("gain"),
    caution: within("caution"),
    persistence: within("persistence").int(),
    ahead: within("ahead"),
    imbalance: within("imbalance"),
    migration: within("migration"),
  }),
  trainedOn: z.array(z.string().min(1).max(200)).max(10_000),
});

/** @throws CONFIG_INVALID naming each number that is missing, unknown or out of its range. */
export function parsePolicy(text: string): TunedPolicy {
  return parseJsonFile("the policy", schema, text);
}
