/** Which regime is where? The rows in one or two features, and the gate's boundaries. */
import type { ScaleOptions } from "@observablehq/plot";
import { count, figure, sentence, shorten, tick, wholePercent } from "../../shared/wording.ts";
import { draw, legend, X_AXIS } from "../draw.ts";
import type { KeptModel, MapAxis, RegimeMap } from "../facts/index.ts";
import { figureHtml, type Html, html, NOTHING } from "../html.ts";
import { marksOf } from "./map-marks.ts";
import { rulesSection } from "./rules.ts";

const HEIGHT = 372;
/** Characters that have room beside the y axis, and below the x axis for all levels together. */
const Y_CHARACTERS = 6;
const X_CHARACTERS = 44;

/** A projection is a map if its two features tell this share of the rows, and most of the rest. */
const MIN_SEPARATED = 0.8;
const MIN_GAIN = 0.6;

/** A table of rules takes the place of a map that would only mix the regimes' colours. */
export function mapSection({ map, cards }: Pick<KeptModel, "map" | "cards">): Html {
  const isMap = map !== null && tellsRegimes(map);
  if (!isMap) return cards.length > 1 ? rulesSection({ cards }) : NOTHING;
  const names = map.nRegimes === 1 ? NOTHING : legend(map.nRegimes, "regime");
  const drawing = html`${mapPlot(map, cards)}${names}`;
  return html`<section>
<h2>${map.nRegimes === 1 ? "The model and the rows" : "Where the regimes are"}</h2>
${figureHtml(drawing, captionOf(map))}
</section>`;
}

function tellsRegimes(map: RegimeMap): boolean {
  if (map.kind !== "projection") return true;
  const { separated, largest } = map;
  return separated >= MIN_SEPARATED && separated - largest >= MIN_GAIN * (1 - largest);
}

function mapPlot(map: RegimeMap, cards: KeptModel["cards"]): Html {
  return draw(inWords(map, cards), {
    height: HEIGHT,
    marginLeft: 54,
    marginTop: 30,
    marginRight: 10,
    x: { ...X_AXIS, ...axisOptions(map.x, X_CHARACTERS) },
    y: { ...axisOptions(map.y, Y_CHARACTERS * (map.y.levels?.length ?? 1)), labelArrow: false },
    marks: marksOf(map),
  });
}

/** @param room - Characters that all the levels' names may take together. */
function axisOptions({ name, levels, from, to }: MapAxis, room: number): ScaleOptions {
  const scale = { label: shorten(name), domain: [from, to] };
  if (levels === null) return { ...scale, grid: true, ticks: 6, tickFormat: tick };
  const most = Math.max(3, Math.floor(room / levels.length));
  const ticks = [...levels.keys()];
  return { ...scale, ticks, tickFormat: (place: number) => shorten(levels[place]!, most) };
}

function captionOf(map: RegimeMap): string {
  const { points, nRows, nPlaceless } = map;
  const nShown = points.x.length;
  const placed = nRows - nPlaceless;
  const shown =
    nShown === placed
      ? `${count(nShown, "row")} of the data`
      : `${count(nShown, "row")} of ${nRows.toLocaleString("en")}, taken evenly`;
  const placeless =
    nPlaceless === 0
      ? ""
      : ` ${count(nPlaceless, "row")} without a value here, or of a rare level, are not drawn.`;
  const near = points.nearBoundary.includes(1)
    ? " Rings are rows near a boundary, where another expert might be right."
    : "";
  return `${SENTENCES[map.kind](map as never)} Dots are ${shown}.${near}${placeless}`;
}

const SENTENCES: {
  readonly [K in RegimeMap["kind"]]: (map: Extract<RegimeMap, { readonly kind: K }>) => string;
} = {
  line: ({ nRegimes }) =>
    nRegimes === 1
      ? "The line is the model’s answer."
      : "The line is the model’s answer; dashes are the gate’s boundaries.",
  plane: () => "The areas and their boundaries are the gate’s.",
  projection: ({ x, y, separated, largest, nOthers }) =>
    `Of ${nOthers + 2} features these two tell the regimes apart best: ${x.name} and ${y.name} ` +
    `alone tell the regime of ${wholePercent(separated)} of the rows (each row by the others of ` +
    `its cell in a grid); always naming the largest regime, ${wholePercent(largest)}. The other ` +
    `${nOthers === 1 ? "feature is" : `${nOthers} features are`} not drawn: regimes that overlap ` +
    "here may be apart there.",
};

/** For readers who cannot see the map: the middle of every regime. */
function inWords(map: RegimeMap, cards: KeptModel["cards"]): string {
  const { x, y, points, nRegimes } = map;
  const places = Array.from({ length: nRegimes }, (_, k) => {
    const ofRegime = [...points.x.keys()].filter((p) => points.regimes[p] === k);
    const share = wholePercent(cards[k]!.share);
    if (ofRegime.length === 0) return `regime ${k}, ${share} of the rows, is not among those drawn`;
    const at = (axis: MapAxis, values: Float64Array): string => {
      const middle = ofRegime.map((p) => values[p]!).sort((a, b) => a - b)[ofRegime.length >> 1]!;
      const place = axis.levels === null ? figure(middle) : axis.levels[Math.round(middle)]!;
      return `${axis.name} ${place}`;
    };
    return `regime ${k}, ${share} of the rows, around ${at(x, points.x)} and ${at(y, points.y)}`;
  });
  return sentence(`${y.name} against ${x.name}: ${places.join("; ")}`);
}
