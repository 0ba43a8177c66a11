/** The columns that `predict --explain` adds: contributions, then how each row was routed. */
import type { Contributions, RowNotes } from "../explain/index.ts";
import type { Answers, Regressor } from "../library/index.ts";
import type { Route } from "../mixture/index.ts";

export type NamedColumn = readonly [string, ArrayLike<number | string>];

export function explainedColumns(
  { model: { members } }: Regressor,
  { prediction: { routes }, notes, contributions }: Answers,
): readonly NamedColumn[] {
  const shares = contributions === null ? [] : contributionColumns(contributions);
  if (members.length === 1) return [...shares, ...routeColumns(routes[0]!, notes[0], "expert")];
  const divided = members.flatMap(({ weight }, m) => {
    const route = routes[m]!;
    if (route.nExperts === 1) return [];
    // A member without weight has regimes but predicts nothing.
    const columns = routeColumns(route, notes[m], weight === 0 ? "regime" : "expert");
    return columns.map(([name, values]) => [`m${m}.${name}`, values] as const);
  });
  const whole = routes.findIndex(({ nExperts }) => nExperts === 1);
  const novelty = notes[whole]?.novelty;
  return [...shares, ...(novelty === undefined ? [] : [["novelty", novelty] as const]), ...divided];
}

function contributionColumns(contributions: Contributions): readonly NamedColumn[] {
  const { columns, base, values, errors, limits } = contributions;
  const width = columns.length;
  const largestErrors = limits.map((_, i) =>
    Math.max(0, ...errors.subarray(i * width).slice(0, width)),
  );
  return [
    ["base value", new Float64Array(limits.length).fill(base)],
    ...columns.map((name, c): NamedColumn => {
      return [`contribution of ${name}`, limits.map((_, i) => values[i * width + c]!)];
    }),
    ...unlessZero("error of contributions", largestErrors),
    ...unlessZero("contribution of limits", limits),
  ];
}

function unlessZero(name: string, values: Float64Array): readonly NamedColumn[] {
  return values.some((value) => value !== 0) ? [[name, values]] : [];
}

function routeColumns(
  { experts, scores, nExperts }: Route,
  notes: RowNotes | undefined,
  name: string,
): readonly NamedColumn[] {
  const scoreColumns = Array.from({ length: nExperts }, (_, k): NamedColumn => {
    return [`score ${k}`, Float64Array.from(experts, (_expert, i) => scores[i * nExperts + k]!)];
  });
  const route: readonly NamedColumn[] = [[name, experts], ...scoreColumns];
  if (notes === undefined) return route;
  const boundary = Array.from(notes.nearBoundary, (near) => (near === 1 ? "yes" : "no"));
  return [...route, ["novelty", notes.novelty], ["boundary", boundary]];
}
