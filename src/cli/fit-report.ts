/** A fit's result as text for a terminal. */
import type { Fitted } from "../library/index.ts";
import type { CommitteeReport, FitReport, RegimeSearch } from "../mixture/index.ts";
import { count, figure } from "../shared/wording.ts";
import { formatTable } from "./output.ts";

export function renderFit({ model, report, verdict }: Fitted): string {
  const { scale } = model.preprocessing.target;
  const fitLines =
    "members" in report
      ? renderCommittee(report)
      : renderMixture(report, scale, model.members[0]!.mixture.experts.length);
  return [...fitLines, `partitioning: ${verdict.partitioning}`, `  ${verdict.why}`].join("\n");
}

function renderMixture(report: FitReport, scale: number, nExperts: number): readonly string[] {
  const rows = report.candidates.map(({ nExperts: tried, holdOutMse, standardError }) => [
    String(tried),
    figure(holdOutMse * scale ** 2),
    figure(standardError * scale ** 2),
  ]);
  return [
    ...(report.regimeSearch === null ? [] : [renderSearch(report.regimeSearch), ""]),
    formatTable(["experts tried", "held-out mse", "± s.e. to best"], rows),
    "",
    `experts in the model: ${nExperts}`,
  ];
}

/** The held-out error of each kind alone, and of all together. */
function renderCommittee({ kinds, members, heldOut }: CommitteeReport): readonly string[] {
  const rows = kinds.map(({ kind, weight, heldOutMse }) => {
    const nMembers = members.filter((member) => member.kind === kind).length;
    return [kind, figure(weight), String(nMembers), figure(heldOutMse)];
  });
  const all = ["committee", "1", String(members.length), figure(heldOut.meanSquaredError)];
  return [
    formatTable(["kind", "weight", "members", "held-out mse"], [...rows, all]),
    "",
    `held-out mse: on ${count(heldOut.nSamples, "row")}; the ` +
      `committee's weights were fitted on other rows`,
  ];
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
