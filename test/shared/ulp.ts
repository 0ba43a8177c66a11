/** Units in the last place, by which functions are compared with exact values. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const rows = z.array(z.tuple([z.number(), z.number(), z.number()]));
const exactSchema = z.record(z.string(), z.unknown());

/** A list in a file of exact values: x, the function of x as a double, and the rest of it. */
export function readExact(file: string, list: string): z.infer<typeof rows> {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return rows.parse(exactSchema.parse(JSON.parse(text))[list]);
}

/** How far `value` is from the exact high + low, in units of the last place of `high`. */
export function ulpsFrom(value: number, high: number, low: number): number {
  return Math.abs(value - high - low) / ulp(Math.abs(high));
}

/** The distance from a double that is not negative to the next larger one. */
export function ulp(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + 1n);
  return view.getFloat64(0) - value;
}
