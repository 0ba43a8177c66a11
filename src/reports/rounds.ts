/** Who won what? The competition's shares, round by round. */
import { barY, ruleY } from "@observablehq/plot";
import type { RoundRecord } from "../mixture/index.ts";
import { colourOf, draw, legend, X_AXIS } from "./draw.ts";
import { figureHtml, type Html, html, NOTHING } from "./html.ts";
import { count, wholePercent } from "./names.ts";

/** Rounds that are numbered below the picture, about. */
const MAX_TICKS = 12;

/** @param rounds - Nothing is shown without any. */
export function roundsSection(rounds: readonly RoundRecord[]): Html {
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first === undefined || last === undefined) return NOTHING;
  const nDropped = first.shares.length - last.shares.length;
  const caption =
    "The competition behind the model that was kept, on all rows: each bar is a round, each " +
    "colour an expert’s share of the rows." +
    (nDropped === 0
      ? ""
      : ` ${count(nDropped, "expert")} held almost nothing and left; those behind moved up a place.`);
  const picture = html`${roundsPlot(rounds, last)}${legend(first.shares.length)}`;
  return html`<section>
<h2>Who won what</h2>
${figureHtml(picture, caption)}
</section>`;
}

function roundsPlot(rounds: readonly RoundRecord[], last: RoundRecord): Html {
  const shares = rounds.flatMap(({ shares: own }, round) =>
    own.map((share, k) => ({ round: round + 1, share, k })),
  );
  const numbers = rounds.map((_, round) => round + 1);
  const step = Math.ceil(numbers.length / MAX_TICKS);
  const end = last.shares.map((share, k) => `expert ${k} ${wholePercent(share)}`).join(", ");
  const says = `Share of the rows by expert over ${count(rounds.length, "round")}, in the end ${end}.`;
  return draw(says, {
    height: 280,
    marginLeft: 50,
    marginTop: 30,
    x: {
      ...X_AXIS,
      type: "band",
      label: "round",
      padding: 0.12,
      tickSize: 0,
      ticks: numbers.filter((n) => (n - 1) % step === 0),
    },
    y: { label: "share of the rows", labelArrow: false, ticks: 5, tickFormat: wholePercent },
    marks: [
      barY(shares, { x: "round", y: "share", z: "k", fill: ({ k }) => colourOf(k), insetTop: 1 }),
      ruleY([0]),
    ],
  });
}
