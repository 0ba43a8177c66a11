/** The methods of the accuracy bench: whose they are and what a person calls them. */

/** The committee of networks alone, and the one with other families. */
export type Ours = "nn" | "all";
export const OURS: readonly Ours[] = ["nn", "all"];

/** Peers that are made of trees and run on every split. */
export const TREES: readonly string[] = ["rf", "histgb", "xgboost", "lightgbm"];
/** A further rival: the best of TREES on a set, chosen with hindsight by its test error. */
export const BEST_TREES = "trees";

/** Run on every split of every set; others on some splits, or on sets that are not too large. */
export const CORE: readonly string[] = [
  ...OURS,
  "single",
  "ensemble4",
  "equalCost",
  "nets",
  ...TREES,
];

/** Before the kind of a committee's members, which are averaged: "members.gp". */
const MEMBERS = "members.";
/** What the convergence check trains `longer`: no rival, the single net is. */
const CHECK = "shorter";

const NAMES: Readonly<Record<string, string>> = {
  nn: "networks",
  all: "all families",
  single: "single net",
  singleAny: "single net of the best kind",
  nets: "nets of all kinds",
  ensemble4: "ensemble of 4",
  equalCost: "ensemble of equal cost",
  mixture: "one mixture",
  longer: "single net, 4 × the steps",
  longest: "single net, 16 × the steps",
  wide: "wide net",
  kmeans: "k-means + experts",
  paper: "winner takes all + SVM",
  soft: "softmax mixture by likelihood",
  [BEST_TREES]: "best trees, by hindsight",
  rf: "random forest",
  histgb: "HistGradientBoosting",
  xgboost: "XGBoost",
  lightgbm: "LightGBM",
  catboost: "CatBoost",
  svr: "support vector regression",
  "sklearn-mlp": "MLP of scikit-learn",
  "sklearn-gp": "GP of scikit-learn",
  cubist: "Cubist",
  "smt-moe": "SMT's mixture of experts",
  "linear-tree": "linear tree",
};

/** A method's name for people; its identifier where it has none. */
export function nameOfMethod(method: string): string {
  if (isMember(method)) return `members: ${method.slice(MEMBERS.length)}`;
  return NAMES[method] ?? method;
}

export function isMember(method: string): boolean {
  return method.startsWith(MEMBERS);
}

/** The rivals that our methods are tested against: core ones first, then in the order given. */
export function rivalsAmong(methods: readonly string[], ours: Ours): readonly string[] {
  const isRival = (method: string): boolean =>
    method !== ours &&
    method !== CHECK &&
    !isMember(method) &&
    !(ours === "nn" && method === "all");
  const rivals = methods.filter(isRival);
  const core = CORE.filter((method) => rivals.includes(method));
  return [...core, ...rivals.filter((method) => !CORE.includes(method))];
}
