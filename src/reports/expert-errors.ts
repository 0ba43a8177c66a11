/** Which expert is how wrong? The test error on the rows that each is routed. */
import { dot, link, ruleX, text } from "@observablehq/plot";
import type { SplitResult } from "../experiments/index.ts";
import { colourOf, draw, ROW_MARKS, ROW_WORDS, X_AXIS } from "./draw.ts";
import { figureHtml, type Html, html } from "./html.ts";
import { count, figure, shorten, tick } from "./names.ts";

const ROW_HEIGHT = 38;

export function expertSection(split: SplitResult, target: string): Html {
  return html`<section>
<h2>Error by expert</h2>
${split.perExpert.length === 1 ? oneExpert(split) : severalExperts(split, target)}
</section>`;
}

function oneExpert({ perExpert, methods, split }: SplitResult): Html {
  const rows = count(perExpert[0]!.nSamples, "test row");
  const rmse = figure(methods.mixture!.rmse);
  return html`<p>The model of split ${split} is one net. It answers for all ${rows}, with a root
mean squared error of ${rmse}.</p>`;
}

function severalExperts(result: SplitResult, target: string): Html {
  const overall = result.methods.mixture!.rmse;
  const caption =
    `Split ${result.split}: the test rows that each expert is routed, and the mixture’s error on ` +
    `them. The dashed line is its error on all ${count(result.nTest, "test row")}, ${figure(overall)}.`;
  return figureHtml(expertPlot(result, target), caption);
}

function expertPlot({ perExpert, methods, split }: SplitResult, target: string): Html {
  const experts = perExpert.map(({ nSamples, mse }, k) => {
    const rmse = mse === null ? null : Math.sqrt(mse);
    const rows = nSamples === 0 ? "no test rows" : count(nSamples, "row");
    const says = `expert ${k}, ${rows}${rmse === null ? "" : `: ${figure(rmse)}`}`;
    return { k, rmse, says, colour: colourOf(k) };
  });
  const measured = experts.filter(({ rmse }) => rmse !== null);
  const overall = methods.mixture!.rmse;
  const says = experts.map((expert) => expert.says).join("; ");
  const row = { ...ROW_MARKS, y: "k" } as const;
  const axis = { grid: true, ticks: 5, zero: true, tickFormat: tick } as const;
  return draw(`Root mean squared error by expert of split ${split}: ${says}.`, {
    height: 50 + ROW_HEIGHT * experts.length,
    marginLeft: 12,
    marginRight: 16,
    x: { ...X_AXIS, label: `RMSE, ${shorten(target)}`, ...axis },
    y: { type: "band", axis: null, domain: experts.map(({ k }) => k) },
    marks: [
      ruleX([0]),
      ruleX([overall], { stroke: "currentColor", strokeDasharray: "4,3" }),
      link(measured, { ...row, x1: 0, x2: "rmse", stroke: "colour", strokeWidth: 4 }),
      dot(measured, { ...row, x: "rmse", r: 6, fill: "colour" }),
      text(experts, { ...ROW_WORDS, y: "k" }),
    ],
  });
}
