/** The figures of private fits. */
import { median } from "../../shared/statistics.ts";
import { count } from "../../shared/wording.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { PrivateLoss, PrivateMeasured } from "./private.ts";

/** Names and bounds, by set. */
const LOSSES: Readonly<Record<string, { readonly name: string; readonly atMost: number }>> = {
  friedman: { name: "dp.loss.1e5-eps3.ridge", atMost: 1.02 },
  california: { name: "dp.loss.california-eps8.ridge", atMost: 1.12 },
  power: { name: "dp.loss.power-eps8.ridge", atMost: 1.06 },
};

export function privateFigures(measured: PrivateMeasured): readonly Figure[] {
  const { nSites, delta, losses, refused, membership } = measured;
  const trained = refused.filter(({ why }) => why === null);
  const settings = refused.map(({ epsilon }) => epsilon).join(" and ");
  const rows = count(refused[0]?.nRows ?? 0, "row");
  return [
    ...losses.map((loss) => lossFigure(loss, { nSites, delta })),
    judgeFigure(
      {
        name: "dp.small-trained",
        value: trained.length,
        unit: "",
        how: `models of ${rows} that were trained at ε ${settings}, in place of "not worth it"`,
      },
      { atMost: 0 },
    ),
    judgeFigure(
      {
        name: "dp.membership-auc.ridge",
        value: Math.max(...membership.map(({ auc }) => auc)),
        unit: "",
        how:
          "how well squared errors tell rows that were trained on from others: the larger of " +
          membership.map(({ set, nRows }) => `${set}, ${count(nRows, "row")}`).join(" and ") +
          `, ε ${membership[0]?.epsilon}, mean of draws`,
      },
      { atMost: 0.55 },
    ),
  ];
}

function lossFigure(
  { set, nRows, epsilon, ratios }: PrivateLoss,
  { nSites, delta }: Pick<PrivateMeasured, "nSites" | "delta">,
): Figure {
  const { name, atMost } = LOSSES[set]!;
  const how =
    "test MSE of a private ridge ÷ the lesser of an ordinary quadratic ridge's and of the same " +
    `sums without noise: ${count(nRows, "row")} at ${nSites} sites, ε ${epsilon}, δ ${delta}; ` +
    `median of ${count(ratios.length, "draw")} of noise, the largest ` +
    `${Math.max(...ratios).toPrecision(4)}`;
  return judgeFigure({ name, value: median(ratios), unit: "×", how }, { atMost });
}
