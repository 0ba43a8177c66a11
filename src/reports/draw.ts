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
 * @param says - A description of the picture with its figures, for readers who cannot see it.
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
  for (const embedded of svg.querySelectorAll("style")) embedded.remove();
  for (const mark of svg.querySelectorAll("*")) {
    roundPlaces(mark);
    nameMark(mark);
  }
  const label = html`<svg role="img" aria-label="${says}" `.markup;
  return trusted(svg.outerHTML.replace(/^<svg /, () => label));
}

interface Attributed {
  getAttribute(name: string): string | null;
  removeAttribute(name: string): void;
  setAttribute(name: string, value: string): void;
}

const PLACES = ["d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height", "transform"];

function nearest(number: string): string {
  return String(Number(Number(number).toFixed(1)));
}

/** To a tenth of a pixel, which is nearer than an eye sees and makes a page light. */
function roundPlaces(mark: Attributed): void {
  for (const name of PLACES) {
    const value = mark.getAttribute(name);
    if (value === null) continue;
    const rounded = value.replace(/(?<!\d)\d+\.\d+/g, nearest);
    if (rounded !== value) mark.setAttribute(name, rounded);
  }
}

/** Plot labels groups of marks, which have no role that may have a label; the picture has one. */
function nameMark(mark: Attributed): void {
  const name = mark.getAttribute("aria-label");
  if (name === null) return;
  mark.removeAttribute("aria-label");
  mark.setAttribute("data-mark", name);
}

/** Of an expert and the regime that it rules. */
export function colourOf(k: number): string {
  return `var(--e${k % COLOURS})`;
}

/**
 * What each colour is, or all of one colour where there are more of them than colours.
 *
 * @param noun - "expert" or "regime".
 */
export function legend(n: number, noun: string): Html {
  const entries = Array.from({ length: Math.min(n, COLOURS) }, (_, colour) => {
    const sharing = Array.from(
      { length: Math.ceil((n - colour) / COLOURS) },
      (_place, place) => colour + place * COLOURS,
    );
    const words = `${sharing.length === 1 ? noun : `${noun}s`} ${sharing.join(", ")}`;
    return html`<li><i style="background: ${colourOf(colour)}"></i>${words}</li>`;
  });
  return html`<ul class="legend">${entries}</ul>`;
}
