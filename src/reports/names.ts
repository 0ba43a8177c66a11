/** Methods and numbers as a person reads them. */
import type { Method } from "../experiments/index.ts";

export const METHOD_NAMES: Readonly<Record<Method, string>> = {
  mixture: "mixture",
  single: "single net",
  wide: "wide net, equal parameters",
  ensemble4: "ensemble of 4",
  equalCost: "ensemble of equal cost",
  kmeans: "k-means + experts",
};

/** Four significant digits; powers of ten for the very large and the very small. */
export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2);
  return Number(value.toPrecision(4)).toString();
}

/** A signed percentage: "−12.3 %". */
export function percent(share: number): string {
  const text = Math.abs(100 * share).toFixed(1);
  if (text === "0.0") return "0.0 %";
  return `${share < 0 ? "−" : "+"}${text} %`;
}
