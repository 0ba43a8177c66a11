/** Figures, counts and names as a person reads them. */

const DIGITS = 4;
/** What a figure is written as that is not a number. */
const NO_FIGURE = "–";

/** Four significant digits, "12,350"; powers of ten for the very large and the very small. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return NO_FIGURE;
  if (isExtreme(value)) return value.toExponential(2);
  return value.toLocaleString("en", { maximumSignificantDigits: DIGITS });
}

/** The same, but 0 for what rounding leaves where 0 is meant, among values of this size. */
export function figureAmong(value: number, size: number): string {
  return figure(Math.abs(value) < 1e-12 * Math.abs(size) ? 0 : value);
}

/** A mean with its standard error, both to the error's second digit: "4.46 ± 0.56". */
export function meanAndError({ mean, se }: { readonly mean: number; readonly se: number }): string {
  if (!(se > 0)) return figure(mean);
  if (isExtreme(mean) || isExtreme(se)) return `${figure(mean)} ± ${figure(se)}`;
  const decimals = Math.min(10, Math.max(0, 1 - Math.floor(Math.log10(se))));
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return `${mean.toLocaleString("en", digits)} ± ${se.toLocaleString("en", digits)}`;
}

function isExtreme(value: number): boolean {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e6 || size < 1e-3);
}

/** A reduction in words: 0.123 is "12.3 % lower", −0.5 "50.0 % higher". */
export function reductionInWords(reduction: number): string {
  if (!Number.isFinite(reduction)) return NO_FIGURE;
  const text = Math.abs(100 * reduction).toFixed(1);
  if (text === "0.0") return "the same";
  return `${text} % ${reduction > 0 ? "lower" : "higher"}`;
}

export function pValue(p: number): string {
  return p < 0.001 ? "<0.001" : p.toFixed(3);
}

/** A share with one decimal: "12.3 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function wholePercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** The share of the variance, with a digit more where it is close to 1: " (R² 0.995)". */
export function r2Text(r2: number | null): string {
  return r2 === null ? "" : ` (R² ${r2.toFixed(r2 > 0.99 ? 3 : 2)})`;
}

/** A whole number with what it counts: "1,030 rows", "1 split". */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${n === 1 ? noun : `${noun}s`}`;
}

/** A number beside an axis, short: "0.25", "2,500", "250K". */
export function tick(value: number): string {
  const notation = Math.abs(value) >= 1e4 ? "compact" : "standard";
  if (isExtreme(value) && Math.abs(value) < 1) return value.toExponential();
  return value.toLocaleString("en", { notation, maximumSignificantDigits: DIGITS });
}

/** A name cut to what fits beside an axis. */
export function shorten(name: string, maxCharacters = 28): string {
  const characters = [...name];
  if (characters.length <= maxCharacters) return name;
  return `${characters.slice(0, maxCharacters - 1).join("")}…`;
}

/** With a capital first. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** A sentence: a capital first, a full stop last. */
export function sentence(text: string): string {
  return `${capital(text)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** Names in quotes, the first twelve where they are many: '"a", "b" and 3 more'. */
export function quoted(names: readonly string[]): string {
  const shown = names
    .slice(0, 12)
    .map((name) => `"${shorten(name, 40)}"`)
    .join(", ");
  return names.length <= 12 ? shown : `${shown} and ${names.length - 12} more`;
}
