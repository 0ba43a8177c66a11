/** What moves an expert's answer? A small picture of each main effect, side by side. */
import { dot, line } from "@observablehq/plot";
import { effectInWords } from "../../explain/index.ts";
import { figure, sentence, shorten, tick } from "../../shared/wording.ts";
import { draw } from "../draw.ts";
import type { KeptModel } from "../facts/index.ts";
import { type Html, html, NOTHING } from "../html.ts";

type Effect = KeptModel["cards"][number]["effects"][number];

/** Of a picture: beside others in a regime's card, or of the whole model. */
const SIZES = { card: { width: 176, height: 128 }, page: { width: 330, height: 190 } } as const;
type Size = (typeof SIZES)[keyof typeof SIZES];
const LEVEL_HEIGHT = 22;
/** Levels drawn, the most frequent; their names' characters. */
const MAX_LEVELS = 8;
const LEVEL_CHARACTERS = 8;
const MARGINS = { marginTop: 8, marginRight: 16, marginBottom: 24 };

/** On one scale of answers, so that flat looks flat beside steep. */
export function effectFigures(
  effects: readonly Effect[],
  place: keyof typeof SIZES = "card",
): Html {
  if (effects.length === 0) return NOTHING;
  const answers = effects.flatMap((effect) => effect.answers);
  const domain: Range = [Math.min(...answers), Math.max(...answers)];
  return html`<div class="effects">
${effects.map((effect) => effectFigure(effect, domain, SIZES[place]))}
</div>`;
}

type Range = readonly [number, number];

function effectFigure(effect: Effect, domain: Range, size: Size): Html {
  const says = effectInWords(effect);
  const ofLevels = typeof effect.values[0] === "string";
  const picture = ofLevels ? levelsPlot(effect, domain, size) : curvePlot(effect, domain, size);
  return html`<figure>
${picture}
<figcaption><b>${effect.feature}</b> ±${figure(effect.importance)}: ${says}</figcaption>
</figure>`;
}

function says(effect: Effect): string {
  return sentence(`answer by ${effect.feature}: ${effectInWords(effect)}`);
}

function curvePlot(effect: Effect, domain: Range, size: Size): Html {
  const { values, answers } = effect;
  const place = { x: (v: number) => Number(values[v]), y: (v: number) => answers[v]! };
  const all = [...values.keys()];
  const ends = [Number(values[0]), Number(values.at(-1))] as const;
  return draw(says(effect), {
    ...MARGINS,
    ...size,
    marginLeft: 46,
    x: { label: null, ticks: ends, tickFormat: endFormat(ends) },
    y: { label: null, domain, inset: 4, ticks: 4, grid: true, tickFormat: tick },
    marks: [
      line(all, { ...place, stroke: "currentColor", strokeWidth: 2 }),
      dot(all, { ...place, r: 1.8, fill: "currentColor" }),
    ],
  });
}

/** Two ends of a range as short as tells them apart: to its second digit. */
function endFormat([first, last]: Range): (value: number) => string {
  const decimals = 1 - Math.floor(Math.log10(last - first));
  return (value) => tick(Number(value.toFixed(Math.min(20, Math.max(0, decimals)))));
}

/** One level a line, the highest answer first. */
function levelsPlot(effect: Effect, domain: Range, { width, height }: Size): Html {
  const levels = effect.values
    .map((value, v) => ({ level: String(value), answer: effect.answers[v]! }))
    .slice(0, MAX_LEVELS)
    .sort((a, b) => b.answer - a.answer);
  return draw(says(effect), {
    ...MARGINS,
    width,
    height: Math.max(height, 32 + LEVEL_HEIGHT * levels.length),
    marginLeft: 66,
    x: { label: null, domain, inset: 6, ticks: 2, grid: true, tickFormat: tick },
    y: {
      type: "band",
      label: null,
      tickSize: 0,
      domain: levels.map(({ level }) => level),
      tickFormat: (level: string) => shorten(level, LEVEL_CHARACTERS),
    },
    marks: [dot(levels, { x: "answer", y: "level", r: 4, fill: "currentColor" })],
  });
}
