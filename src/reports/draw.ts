/**
 * Pictures as SVG text, drawn by Observable Plot on a document without a browser.
 *
 * All are drawn as wide as a phone and grow with the page, so that their text stays readable on
 * both. Colours are variables of the page: one picture serves light and dark.
 */
import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, html, trusted } from "./html.ts";

const WIDTH = 380;
const FONT_SIZE = "13px";
const AXIS_LABEL_OFFSET = 38;
const MARGIN_BOTTOM = 42;
/** As many as the style sheet has. */
const COLOURS = 8;

/** A row's words stand at its left above its marks: a phone has no room for them beside. */
export const ROW_WORDS = {
  text: "says",
  fill: "currentColor",
  frameAnchor: "left",
  textAnchor: "start",
  dy: -9,
} as const;
export const ROW_MARKS = { dy: 6 } as const;

/** Where a picture's axes say what they show. */
export const X_AXIS: {
  readonly labelAnchor: "center";
  readonly labelArrow: false;
  readonly labelOffset: number;
} = {
  labelAnchor: "center",
  labelArrow: false,
  labelOffset: AXIS_LABEL_OFFSET,
};

/**
 * The label is set here because linkedom escapes text, but in attributes no more than the quotes.
 *
 * @param says - What is to be seen, with its figures, for those who do not see it.
 */
export function draw(says: string, options: PlotOptions): Html {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = plot({
    document,
    width: WIDTH,
    marginBottom: MARGIN_BOTTOM,
    style: { fontSize: FONT_SIZE, background: "none", overflow: "visible" },
    ...options,
  });
  const label = html`<svg role="img" aria-label="${says}" `.markup;
  return trusted(svg.outerHTML.replace(/^<svg /, () => label));
}

export function colourOf(expert: number): string {
  return `var(--e${expert % COLOURS})`;
}

/** The expert of each colour, or the experts where there are more of them than colours. */
export function legend(nExperts: number): Html {
  const entries = Array.from({ length: Math.min(nExperts, COLOURS) }, (_, colour) => {
    const sharing = Array.from(
      { length: Math.ceil((nExperts - colour) / COLOURS) },
      (_place, place) => colour + place * COLOURS,
    );
    const words = `${sharing.length === 1 ? "expert" : "experts"} ${sharing.join(", ")}`;
    return html`<li><i style="background: ${colourOf(colour)}"></i>${words}</li>`;
  });
  return html`<ul class="legend">${entries}</ul>`;
}
