/** The first line of a page: the error that a user may expect on new rows. */
import { count, figure, reductionInWords } from "../shared/wording.ts";
import { rowsInWords } from "./evidence/index.ts";
import type { AnsweredRows, ModelFacts } from "./facts/index.ts";
import { type Html, html, NOTHING } from "./html.ts";

export function expectedHtml({ expected, answers, leaders, target, kept }: ModelFacts): Html {
  if (expected === null) return NOTHING;
  const { rmse, r2, nRows } = expected;
  const isTrained = answers?.kind === "trained on";
  const rows =
    answers === null || isTrained
      ? `${count(nRows, "row")} held out when it was fitted`
      : rowsInWords(answers);
  const share = r2 === null ? "" : ` (R² ${r2.toFixed(r2 > 0.99 ? 3 : 2)})`;
  const note = `Root mean squared error of ${target} on ${rows}. ${isTrained ? TRAINED_NOTE : ""}`;
  return html`<p class="expected">Expect an error of about
<strong>${figure(Number(rmse.toPrecision(3)))}</strong>${share} on new rows like these</p>
<p class="facts">${note} ${besideOthers({ answers, leaders })}${kindOf(kept)}</p>`;
}

const TRAINED_NOTE =
  "The rows given are those that the model was trained on, so the pictures below look too good.";

/** Beside the mean of the target and the best model that is no part of this one. */
function besideOthers({
  answers,
  leaders,
}: {
  readonly answers: AnsweredRows | null;
  readonly leaders: ModelFacts["leaders"];
}): string {
  const ours = leaders.find(({ isModel }) => isModel);
  if (ours === undefined || answers === null) return "";
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
