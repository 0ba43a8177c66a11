/**
 * A fit's result as text for a terminal: the error to expect, what was tried, the regimes, and
 * whether partitioning is worth it.
 */
import { ruleInWords } from "../explain/index.ts";
import type { Fitted } from "../library/index.ts";
import {
  type Expectation,
  expectationInWords,
  expertId,
  type RegimeSearch,
} from "../mixture/index.ts";
import { count, figure, percent } from "../shared/wording.ts";
import { formatTable } from "./output.ts";

export function renderFit(fitted: Fitted): string {
  const { report, verdict, expectation } = fitted;
  const search = "members" in report ? null : report.regimeSearch;
  return [
    expectationInWords(expectation),
    ...stagesOf(fitted),
    "",
    ...leaderboard(expectation, fitted.model.members.length),
    ...(search === null ? [] : ["", renderSearch(search)]),
    ...regimesOf(fitted),
    "",
    ...columnsOf(fitted),
    "",
    `partitioning: ${verdict.partitioning}`,
    `  ${verdict.why}`,
  ].join("\n");
}

/** What the preset auto tried, and what it had no time for, or was stopped in. */
function stagesOf({ stages }: Fitted): readonly string[] {
  if (stages.length === 0) return [];
  const said = stages.map(({ name, outcome, rmse }) =>
    rmse === null
      ? `${name} ${outcome}`
      : `${name} ${figure(rmse)}${outcome === "model" ? " (taken)" : ""}`,
  );
  const isCut = stages.some(({ outcome }) => outcome === "cut" || outcome === "left out");
  const isStopped = stages.some(({ outcome }) => outcome === "stopped");
  const tooShort = isCut ? "; more time (--time) may find a better model" : "";
  const more = isStopped ? "; a fit that is not stopped may find a better model" : tooShort;
  return [`stages, by the RMSE that they expect on new rows: ${said.join(", ")}${more}`];
}

/** Each kind alone on the held-out rows, and the model. */
function leaderboard(expectation: Expectation, nMembers: number): readonly string[] {
  const { leaderboard: kinds, rmse, nSamples } = expectation;
  const rows = kinds.map((own) => [
    own.kind,
    figure(own.rmse),
    figure(own.weight),
    String(own.nMembers),
  ]);
  const model = ["the model", figure(rmse), "1", String(nMembers)];
  const table = formatTable(["kind", "held-out rmse", "weight", "members"], [model, ...rows]);
  return [table, `held-out rmse: on ${count(nSamples, "row")} that the models did not train on`];
}

/** The rules of the first member's regimes, where it has two or more. */
function regimesOf({ explanation, model }: Fitted): readonly string[] {
  const cards = explanation?.members[0]?.experts.map(({ card }) => card) ?? [];
  if (cards.length < 2) return [];
  const [first] = model.members;
  const whose =
    model.members.length === 1 ? "" : ` of a member that weighs ${figure(first!.weight)}`;
  return [
    "",
    `${count(cards.length, "regime")}${whose}:`,
    ...cards.map(
      (card, k) =>
        `  ${expertId(0, k)}: ${percent(card.share)} of rows, where ${ruleInWords(card)}`,
    ),
  ];
}

/** More columns are listed by --json alone. */
const MOST_COLUMNS = 30;

function columnsOf({ columns }: Fitted): readonly string[] {
  const rows = columns.slice(0, MOST_COLUMNS).map((own) => [own.column, own.readAs, own.usedAs]);
  const table = formatTable(["your column", "read as", "used as"], rows, "left");
  const nMore = columns.length - rows.length;
  return [table, ...(nMore === 0 ? [] : [`and ${count(nMore, "more column")}`])];
}

/** Likelihood of held-out rows by number of experts; `--experts` may overrule the choice. */
function renderSearch({ candidates, chosen, grown, nPieces }: RegimeSearch): string {
  const rows = candidates.map((candidate, c) => [
    `${candidate.nExperts}${c === chosen ? " *" : ""}`,
    String(candidate.nUsed),
    candidate.logLikelihood.toFixed(3),
    candidate.standardError.toFixed(3),
    candidate.icl.toFixed(3),
    candidate.stability.toFixed(2),
  ]);
  const header = ["experts", "regimes", "log likelihood", "± s.e. to best", "icl", "stability"];
  const taken = grown ? "* chosen, with one expert more" : "* chosen";
  return `${formatTable(header, rows)}\n${taken}; its regimes have ${nPieces} connected pieces`;
}
