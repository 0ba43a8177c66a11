/**
 * Data sets with a known truth: the regime of each row, its target without noise, and the noise.
 *
 * Every formula and every noise level is here and nowhere else. Inputs are uniform on the named
 * ranges, the noise is normal, and rows are independent. `regimes` is the reference for the labels
 * that a method finds, and `noiseVariance` the least squared error that any method can have.
 */
import { createRng, type Rng } from "../shared/rng.ts";
import type { Table } from "./table.ts";

export const GENERATORS = ["intervals", "curve", "five", "hysteresis", "crest", "overlap"] as const;
export type GeneratorName = (typeof GENERATORS)[number];

export interface GeneratedSet {
  readonly name: GeneratorName;
  /** The inputs and, last, the target "y". */
  readonly table: Table;
  /** The true regime of each row, 0 to nRegimes − 1. Shape (nRows,). */
  readonly regimes: Int32Array;
  readonly nRegimes: number;
  readonly noiseVariance: number;
}

/** One set: ranges of its inputs, the rule for the regime, and a formula for each regime. */
interface Recipe {
  readonly inputs: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  /** Standard deviation of the noise. */
  readonly noise: number;
  /** The regime at x; `rng` only where the inputs do not decide it. */
  readonly regimeOf: (x: readonly number[], rng: Rng) => number;
  readonly formulas: readonly ((x: readonly number[]) => number)[];
}

const x1 = { name: "x1", from: -2, to: 2 };
const x2 = { name: "x2", from: -2, to: 2 };

const RECIPES: Readonly<Record<GeneratorName, Recipe>> = {
  // Four intervals in one dimension; the target jumps at −1, 0 and 1.
  intervals: {
    inputs: [x1],
    noise: 0.1,
    regimeOf: ([a]) => Math.min(3, Math.max(0, Math.floor(a! + 2))),
    formulas: [
      ([a]) => 2 + Math.sin(3 * a!),
      ([a]) => -1.5 - 2 * a!,
      ([a]) => 2 - a! * a!,
      ([a]) => -2 + 1.5 * a!,
    ],
  },
  // Two regimes, one on each side of the curve x2 = 1.2 sin(1.5 x1).
  curve: {
    inputs: [x1, x2],
    noise: 0.1,
    regimeOf: ([a, b]) => (b! > 1.2 * Math.sin(1.5 * a!) ? 1 : 0),
    formulas: [([a, b]) => 1 + a! * b!, ([a, b]) => -1.5 + Math.sin(2 * a!) - 0.5 * b!],
  },
  // Six cells of three columns and two rows, five formulas: two opposite corners are one regime.
  five: {
    inputs: [x1, x2],
    noise: 0.1,
    regimeOf: ([a, b]) => {
      const column = a! < -2 / 3 ? 0 : a! < 2 / 3 ? 1 : 2;
      const cell = column + (b! < 0 ? 0 : 3);
      return cell === 5 ? 0 : cell;
    },
    formulas: [
      ([a, b]) => a! + b!,
      ([a, b]) => 3 - 2 * b! + Math.sin(2 * a!),
      ([a, b]) => -2 + a! * b!,
      ([a, b]) => -3 - 1.5 * a! + 0.5 * b! * b!,
      ([a, b]) => 2 * Math.cos(2 * a!) - 2 * b!,
    ],
  },
  // A loop: the lower branch where `drive` is at least 0, else the upper; they meet at the ends.
  hysteresis: {
    inputs: [
      { name: "field", from: -2, to: 2 },
      { name: "drive", from: -1, to: 1 },
    ],
    noise: 0.05,
    regimeOf: ([, drive]) => (drive! >= 0 ? 0 : 1),
    formulas: [
      ([field]) => Math.tanh(2 * (field! - 0.7)),
      ([field]) => Math.tanh(2 * (field! + 0.7)),
    ],
  },
  // No regimes: one smooth crest along a parabola.
  crest: {
    inputs: [x1, x2],
    noise: 0.1,
    regimeOf: () => 0,
    formulas: [([a, b]) => 2 * Math.exp(-((b! - 0.5 * a! * a!) ** 2)) + 0.3 * a!],
  },
  // Two regimes at every x, by a coin that is no input: no gate can route these rows.
  overlap: {
    inputs: [x1],
    noise: 0.1,
    regimeOf: (_x, rng) => rng.int(2),
    formulas: [([a]) => 1 + a!, ([a]) => -1 - a!],
  },
};

/** A set of `nRows` rows; equal seeds give equal rows. */
export function generate(
  name: GeneratorName,
  { nRows, seed }: { readonly nRows: number; readonly seed: number },
): GeneratedSet {
  const { inputs, noise, regimeOf, formulas } = RECIPES[name];
  const rng = createRng(seed);
  const columns = inputs.map(() => new Float64Array(nRows));
  const regimes = new Int32Array(nRows);
  const y = new Float64Array(nRows);
  for (let i = 0; i < nRows; i++) {
    const x = inputs.map(({ from, to }) => from + (to - from) * rng.uniform());
    x.forEach((value, j) => {
      columns[j]![i] = value;
    });
    regimes[i] = regimeOf(x, rng);
    y[i] = formulas[regimes[i]!]!(x) + noise * rng.normal();
  }
  const named = inputs.map((input, j) => ({ name: input.name, values: columns[j]! }));
  const all = [...named, { name: "y", values: y }];
  return {
    name,
    table: { nRows, columns: all.map((column) => ({ type: "number" as const, ...column })) },
    regimes,
    nRegimes: formulas.length,
    noiseVariance: noise * noise,
  };
}
