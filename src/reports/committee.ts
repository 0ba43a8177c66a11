/** Who is in the committee? What each kind of member weighs, and how good it is alone. */
import { count, figure } from "../shared/wording.ts";
import type { CommitteeFacts, KeptModel } from "./facts/index.ts";
import { type Html, html, tableHtml } from "./html.ts";

/** @param ofSplits - Of the committees that were tested. */
export function committeeSection(
  kept: NonNullable<KeptModel["committee"]>,
  ofSplits: readonly CommitteeFacts[],
  target: string,
): Html {
  const rows = kept.kinds.map(({ kind, weight, rmse }) => {
    const weights = ofSplits.map(({ kinds }) => {
      return figure(kinds.find((entry) => entry.kind === kind)?.weight ?? 0);
    });
    return [kind, figure(weight), figure(rmse), weights.join(", ")];
  });
  const header = ["Kind", "Weight", "Held-out RMSE alone", "Weight by split"];
  return html`<section>
<h2>Who is in the committee</h2>
${tableHtml("Kinds of members of the model kept", header, rows)}
<p class="note">The model kept sums the answers of ${count(kept.nMembers, "member")} by weight. A
kind’s members share its weight; weights are fitted to what members that had not seen some training
rows said of them. Errors are of those rows, in units of ${target}.</p>
</section>`;
}
