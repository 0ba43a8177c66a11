/** The first line of a page: the error that a user may expect on new rows. */
import { onNewRows } from "../mixture/index.ts";
import { count, figure, r2Text, reductionInWords } from "../shared/wording.ts";
import { rowsInWords } from "./evidence/index.ts";
import type { AnsweredRows, ModelFacts } from "./facts/index.ts";
import { errorOn } from "./facts/index.ts";
import { type Html, html, NOTHING } from "./html.ts";

export function expectedHtml(facts: ModelFacts): Html {
  const { expected, answers, leaders, target, kept } = facts;
  const about = `${onGivenRows(answers)}${besideOthers(leaders)}${kindOf(kept)}`;
  if (expected === null) return about === "" ? NOTHING : html`<p class="facts">${about}</p>`;
  const { rmse, r2 } = onNewRows(expected);
  const note = `Root mean squared error of ${target}${measuredOn(expected, answers)}`;
  return html`<p class="expected">Expect an error of about
<strong>${figure(Number(rmse.toPrecision(3)))}</strong>${r2Text(r2)} on new rows like these</p>
<p class="facts">${note} ${about}</p>`;
}

/** The rows that it was measured on, and the error there if it is another. */
function measuredOn(
  { rmse, nSamples, gain = 1 }: NonNullable<ModelFacts["expected"]>,
  answers: AnsweredRows | null,
): string {
  const answered = count(nSamples, "answer");
  if (answers?.kind === "tested") return `, over ${answered} to test rows.`;
  const rows = `${answered} to rows held out of the fit`;
  if (gain === 1) return `, over ${rows}.`;
  return `: it is ${figure(rmse)} over ${rows}, by models of fewer rows and members than this one.`;
}

/** Of rows that the fit did not hold out itself: the error on them, and what it is worth. */
function onGivenRows(answers: AnsweredRows | null): string {
  if (answers === null || answers.kind === "held-out" || answers.kind === "tested") return "";
  const { rmse } = errorOn(answers);
  const note =
    answers.kind === "given"
      ? ""
      : " The model was trained on these rows, so the pictures below look too good.";
  return `On ${rowsInWords(answers)} it is ${figure(rmse)}.${note} `;
}

/** Beside the mean of the target and the best model that is no part of this one. */
function besideOthers(leaders: ModelFacts["leaders"]): string {
  const ours = leaders.find(({ isModel }) => isModel);
  if (ours === undefined) return "";
  const mean = leaders.find(({ name }) => name === "mean of the target");
  const others = leaders.filter((leader) => leader !== ours && leader !== mean);
  const [best] = others;
  const words = [
    ...(mean === undefined ? [] : [`the mean of the target errs by ${figure(mean.rmse)}`]),
    ...(best === undefined
      ? []
      : [
          `the best of the others, ${best.name}, by ${figure(best.rmse)} ` +
            `(this model’s squared error is ${reductionInWords(1 - (ours.rmse / best.rmse) ** 2)})`,
        ]),
  ];
  return words.length === 0 ? "" : `For comparison, ${words.join("; ")}. `;
}

function kindOf({ committee, cards }: ModelFacts["kept"]): string {
  if (committee === null) {
    if (cards.length === 0) return "";
    return cards.length === 1 ? "The model is one net." : `The model has ${cards.length} regimes.`;
  }
  const { nMembers, partitionedWeight, weight } = committee;
  const divided =
    partitionedWeight === 0
      ? "No member divides the rows."
      : `Members that divide the rows weigh ${figure(partitionedWeight)} of the committee; the ` +
        `regimes shown are those of member m0, of weight ${figure(weight)}.`;
  return `The model is a committee of ${nMembers} members. ${divided}`;
}
