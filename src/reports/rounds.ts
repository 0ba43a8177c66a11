/** The experts' shares of the rows, round by round. */
import { barY, ruleY } from "@observablehq/plot";
import { count, wholePercent } from "../shared/wording.ts";
import { colourOf, draw, legend, X_AXIS } from "./draw.ts";
import type { KeptModel } from "./facts/index.ts";
import { figureHtml, type Html, html, NOTHING } from "./html.ts";

/** Rounds that are numbered below the picture, about. */
const MAX_TICKS = 12;
/** How dark the shades of grey are, darkest first. */
const SHADES = [0.8, 0.35, 0.6, 0.2] as const;

type Rounds = KeptModel["rounds"];

/** Nothing is shown without rounds. */
export function roundsSection({ rounds, search }: Pick<KeptModel, "rounds" | "search">): Html {
  const first = rounds[0];
  if (first === undefined) return NOTHING;
  const picture =
    search === null
      ? html`${roundsPlot(rounds, colourOf)}${legend(first.shares.length, "expert")}`
      : roundsPlot(rounds, shadeOf);
  return html`<section>
<h2>Who won what</h2>
${figureHtml(picture, search === null ? captionOf(rounds) : SEARCH_CAPTION)}
</section>`;
}

function captionOf(rounds: Rounds): string {
  const nDropped = rounds[0]!.shares.length - rounds.at(-1)!.shares.length;
  return (
    "The competition behind the model that was kept, on all rows: each bar is a round, each " +
    "colour an expert’s share of the rows." +
    (nDropped === 0
      ? ""
      : ` ${count(nDropped, "expert")} held almost no row and left; later ones moved up.`)
  );
}

/** A search's experts are cut and merged into regimes afterwards: they have no regime's colour. */
const SEARCH_CAPTION =
  "The search behind the model that was kept, from its best start: each bar is a round that was " +
  "recorded, each shade an expert’s share of the rows. Its experts are cut into connected pieces " +
  "and merged afterwards, so they are not the regimes of the map.";

function shadeOf(k: number): string {
  const ink = Math.round(100 * SHADES[k % SHADES.length]!);
  return `color-mix(in srgb, var(--ink) ${ink}%, var(--page))`;
}

function roundsPlot(rounds: Rounds, paint: (k: number) => string): Html {
  const shares = rounds.flatMap(({ shares: own }, round) =>
    own.map((share, k) => ({ round: round + 1, share, k })),
  );
  const numbers = rounds.map((_, round) => round + 1);
  const step = Math.ceil(numbers.length / MAX_TICKS);
  const end = rounds
    .at(-1)!
    .shares.map((share, k) => `expert ${k} ${wholePercent(share)}`)
    .join(", ");
  const says = `Rows by expert over ${count(rounds.length, "round")}; at the end ${end}.`;
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
      barY(shares, { x: "round", y: "share", z: "k", fill: ({ k }) => paint(k), insetTop: 1 }),
      ruleY([0]),
    ],
  });
}
