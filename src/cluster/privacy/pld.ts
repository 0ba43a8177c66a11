/**
 * ε of the same steps by their privacy loss distribution, which is tighter than Rényi divergences.
 *
 * One step's losses are put on a grid so that what each cell holds under both neighbouring
 * distributions stays (the dots connected of Doroshenko et al. 2022): δ is then right on the grid
 * and never too small between its points. Steps are composed by a power of the Fourier transform.
 * Sources: Koskela, Jälkö & Honkela 2020; Doroshenko, Ghazi, Kamath, Kumar & Manurangsi 2022.
 */
import { createRequire } from "node:module";
import type erfcFunction from "@stdlib/math-base-special-erfc";
import { transform } from "./fourier.ts";
import { checkSteps, type NoisedSteps } from "./rdp.ts";

const require = createRequire(import.meta.url);
const erfc: typeof erfcFunction = require("@stdlib/math-base-special-erfc");

/** Losses of one step beyond these standard deviations of the noise count as infinite. */
const TAIL = 9;
/** Standard deviations of the composed loss that the grid has room for, on each side. */
const ROOM = 12;
const MOST_POINTS = 2 ** 15;
const FINEST = 2e-5;
const COARSEST = 5e-2;

/** The least ε at δ, of both directions: a row removed, and a row added. */
export function pldEpsilon(done: NoisedSteps, delta: number): number {
  checkSteps(done);
  return Math.max(...(["removed", "added"] as const).map((row) => epsilonOf(done, row, delta)));
}

type Direction = "removed" | "added";

/** Masses at the losses (first + i) · grid, and at infinity. */
interface Losses {
  readonly grid: number;
  readonly first: number;
  readonly masses: Float64Array;
  readonly infinite: number;
}

function epsilonOf(done: NoisedSteps, row: Direction, delta: number): number {
  const rough = stepLosses(done, row, COARSEST / 10);
  const { mean, deviation } = momentsOf(rough);
  // Composed losses reach from the smaller of both to the larger.
  const reach = done.steps * Math.abs(mean) + ROOM * Math.sqrt(done.steps) * deviation + 1;
  const span = 2 * Math.max(reach, extentOf(rough));
  const grid = Math.max(FINEST, span / MOST_POINTS);
  return smallestEpsilon(composed(stepLosses(done, row, grid), done.steps), delta);
}

function extentOf({ grid, first, masses }: Losses): number {
  return grid * Math.max(Math.abs(first), Math.abs(first + masses.length));
}

function momentsOf({ grid, first, masses }: Losses): { mean: number; deviation: number } {
  let [mean, squares] = [0, 0];
  masses.forEach((mass, i) => {
    const loss = grid * (first + i);
    mean += mass * loss;
    squares += mass * loss * loss;
  });
  return { mean, deviation: Math.sqrt(Math.max(0, squares - mean * mean)) };
}

/**
 * One step's losses. With Q = N(0, σ²) and P = (1 − q) Q + q N(1, σ²), the loss at x is
 * log P(x) / Q(x) under P for a row that is removed, and log Q(x) / P(x) under Q for one added.
 */
function stepLosses({ share: q, noise }: NoisedSteps, row: Direction, grid: number): Losses {
  const logRatio = (x: number): number =>
    q === 1
      ? (2 * x - 1) / (2 * noise ** 2)
      : Math.log1p(q * Math.expm1((2 * x - 1) / (2 * noise ** 2)));
  const sign = row === "removed" ? 1 : -1;
  const ends = [logRatio(-TAIL * noise), logRatio(1 + TAIL * noise)].map((loss) => sign * loss);
  const first = Math.floor(Math.min(...ends) / grid);
  const last = Math.ceil(Math.max(...ends) / grid);
  /** Where the log ratio is: below it everything is smaller. */
  const pointOf = (ratio: number): number => {
    const inner = q === 1 ? ratio : Math.log1p(Math.expm1(ratio) / q);
    return Number.isNaN(inner) ? Number.NEGATIVE_INFINITY : noise ** 2 * inner + 0.5;
  };
  const upper = (a: number, b: number): number =>
    (1 - q) * between(a / noise, b / noise) + q * between((a - 1) / noise, (b - 1) / noise);
  const lower = (a: number, b: number): number => between(a / noise, b / noise);
  const masses = new Float64Array(last - first + 1);
  let infinite = 0;
  const cell = (from: number, to: number): readonly [own: number, other: number] => {
    const [a, b] =
      row === "removed" ? [pointOf(from), pointOf(to)] : [pointOf(-to), pointOf(-from)];
    return row === "removed" ? [upper(a, b), lower(a, b)] : [lower(a, b), upper(a, b)];
  };
  for (let i = first; i < last; i++) {
    const [own, other] = cell(i * grid, (i + 1) * grid);
    // What stands at the upper end, so that both distributions keep what the cell holds.
    const high = Math.min(
      own,
      Math.max(0, (own - other * Math.exp(i * grid)) / -Math.expm1(-grid)),
    );
    masses[i - first]! += own - high;
    masses[i + 1 - first]! += high;
  }
  // Smaller losses count as the smallest on the grid, larger ones as infinite.
  masses[0]! += cell(Number.NEGATIVE_INFINITY, first * grid)[0];
  infinite += cell(last * grid, Number.POSITIVE_INFINITY)[0];
  return { grid, first, masses, infinite };
}

/** The standard normal's mass between two points, small ones too. */
function between(a: number, b: number): number {
  if (!(b > a)) return 0;
  const tail = (x: number): number => erfc(x / Math.SQRT2) / 2;
  return a > 0 ? tail(a) - tail(b) : tail(-b) - tail(-a);
}

/** The losses of all steps together. */
function composed({ grid, first, masses, infinite }: Losses, steps: number): Losses {
  const mean = masses.reduce((sum, mass, i) => sum + mass * (first + i), 0);
  const size = MOST_POINTS;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  // Around the mean, so that the sum stays in the middle of the grid.
  const centre = Math.round(mean);
  masses.forEach((mass, i) => {
    const at = (((first + i - centre) % size) + size) % size;
    real[at]! += mass;
  });
  transform(real, imaginary);
  for (let i = 0; i < size; i++) {
    const length = Math.hypot(real[i]!, imaginary[i]!) ** steps;
    const angle = Math.atan2(imaginary[i]!, real[i]!) * steps;
    // The other way round: the transform of the conjugate is that of the inverse.
    real[i] = (length * Math.cos(angle)) / size;
    imaginary[i] = (-length * Math.sin(angle)) / size;
  }
  transform(real, imaginary);
  const half = size / 2;
  const sums = Float64Array.from({ length: size }, (_, i) => {
    return Math.max(0, real[(i + half) % size]!);
  });
  const lost = -Math.expm1(steps * Math.log1p(-infinite));
  return { grid, first: steps * centre - half, masses: sums, infinite: lost };
}

/** The least ε ≥ 0 of which δ(ε) = Σ m (1 − e^{ε − loss}) + m∞ is at most `delta`. */
function smallestEpsilon({ grid, first, masses, infinite }: Losses, delta: number): number {
  // From the largest loss down: Σ m and Σ m e^{−loss} of all larger ones.
  let [above, weighted] = [infinite, 0];
  for (let i = masses.length - 1; i >= 0; i--) {
    const loss = grid * (first + i);
    if (loss < 0) break;
    // δ at this loss; between it and the next, δ is above − weighted e^ε.
    if (above - weighted * Math.exp(loss) > delta) return epsilonFrom(above, weighted, delta);
    above += masses[i]!;
    weighted += masses[i]! * Math.exp(-loss);
  }
  if (above - weighted <= delta) return 0;
  return epsilonFrom(above, weighted, delta);
}

function epsilonFrom(above: number, weighted: number, delta: number): number {
  if (weighted <= 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.log((above - delta) / weighted));
}
