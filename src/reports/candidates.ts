/** How many experts? The held-out errors that decided it. */
import { dot, link, text } from "@observablehq/plot";
import type { SplitResult } from "../experiments/index.ts";
import { fewestWithinOneError } from "../mixture/index.ts";
import { count, figure, tick } from "../shared/wording.ts";
import { draw, X_AXIS } from "./draw.ts";
import { figureHtml, type Html, html } from "./html.ts";

/** @param shown - The split that is drawn; one of `splits`. */
export function candidatesSection(shown: SplitResult, splits: readonly SplitResult[]): Html {
  const tried = shown.candidates.map(({ nExperts }) => nExperts);
  const body =
    tried.length === 1
      ? html`<p>One number was tried: ${tried[0]!}.</p>`
      : figureHtml(
          candidatesPlot(shown),
          `Split ${shown.split}: the fewest experts whose error on held-out training rows is ` +
            "within one standard error of the best are chosen. Bars are the standard error of " +
            `the difference to the best. ${inUse(splits)}`,
        );
  return html`<section>
<h2>How many experts</h2>
${body}
</section>`;
}

/** What the mixtures ended with: fewer than chosen where experts left the competition. */
function inUse(splits: readonly SplitResult[]): string {
  const numbers = splits.map(({ nExperts }) => nExperts).sort((a, b) => a - b);
  const uses = [...new Set(numbers)].map((n) => {
    const times = numbers.filter((other) => other === n).length;
    return `${count(n, "expert")} in ${count(times, "split")}`;
  });
  return `In the end: ${uses.join(", ")}.`;
}

function candidatesPlot({ candidates, split }: SplitResult): Html {
  const rows = candidates.map(({ nExperts, holdOutMse, standardError }) => ({
    nExperts,
    mse: holdOutMse,
    low: holdOutMse - standardError,
    high: holdOutMse + standardError,
  }));
  // By the rule of the fit, which a result does not record: the experts in use may be fewer.
  const chosen = candidates[fewestWithinOneError(candidates)]!.nExperts;
  const mark = rows.filter(({ nExperts }) => nExperts === chosen);
  const figures = rows.map(({ nExperts, mse }) => `${count(nExperts, "expert")} ${figure(mse)}`);
  const says =
    `Held-out squared error by number of experts in split ${split}: ${figures.join(", ")}; ` +
    `${chosen} chosen.`;
  return draw(says, {
    height: 280,
    marginLeft: 54,
    marginTop: 30,
    x: { ...X_AXIS, type: "point", label: "experts tried", padding: 0.6 },
    y: {
      label: "held-out MSE, target standardised",
      labelArrow: false,
      grid: true,
      inset: 12,
      ticks: 6,
      tickFormat: tick,
    },
    marks: [
      link(rows, { x: "nExperts", y1: "low", y2: "high", strokeWidth: 2 }),
      dot(rows, { x: "nExperts", y: "mse", r: 5, fill: "currentColor" }),
      dot(mark, { x: "nExperts", y: "mse", r: 7, fill: "var(--accent)" }),
      text(mark, { x: "nExperts", y: "mse", text: () => "chosen", dx: 12, textAnchor: "start" }),
    ],
  });
}
