/**
 * Watching a mixture's experts while rows with known targets arrive: which law has changed, which
 * inputs have moved, and which rows are strange to every expert.
 *
 * Three questions an expert, each an e-process (e-process.ts, two-sample.ts) over the rows that the
 * gate sends to it:
 *   law        squared errors, and errors to either side, against those on held-out rows. They are
 *              clipped, so that a few wild errors prove nothing
 *   novelty    the share of strange rows, against the 1 in 100 that the novelty was made for. A
 *              strange row says nothing of the law: it is counted here only
 *   inputs     where the other rows lie, column by column, against the rows that the expert was
 *              fitted on, if bins of those were kept; a change here alone is no reason to train
 * A monitor is plain data and of constant size, however many rows it has seen.
 */
import type { Matrix } from "../../shared/matrix.ts";
import {
  type Dependence,
  independentLag,
  lagOfSquares,
  observeDependence,
  startDependence,
} from "./dependence.ts";
import {
  changeStart,
  logEvidence,
  logMean,
  type MeanTest,
  observeValues,
  startMeanTest,
} from "./e-process.ts";
import type { ErrorReference } from "./error-reference.ts";
import {
  type Bins,
  type BinTest,
  logBinEvidence,
  observeBins,
  startBinTest,
} from "./two-sample.ts";

export interface ExpertMonitor {
  readonly reference: ErrorReference;
  /** Rows seen: covered ones and strange ones. */
  readonly nCovered: number;
  readonly nNovel: number;
  /** Rows of its law in all, when training on them last did not help; 0 if it was not tried. */
  readonly nTried: number;
  readonly squared: MeanTest;
  readonly above: MeanTest;
  readonly below: MeanTest;
  readonly novelty: MeanTest;
  /** Of errors, of their sizes, and of the logarithm of novelty. */
  readonly dependence: Readonly<Record<"errors" | "sizes" | "strangeness", Dependence>>;
  /** null where no bins were kept. */
  readonly inputs: readonly BinTest[] | null;
}

/** Rows as a monitor sees them, in their order. */
export interface SeenRows {
  /** The member's answers less the targets, standardised. */
  readonly errors: Float64Array;
  /** Above 1 where a row is strange to the expert. */
  readonly novelty: Float64Array;
  /** Preprocessed. */
  readonly X: Matrix;
}

/** ln of the evidence that something has changed; 0 is none. */
export interface Evidence {
  readonly law: number;
  readonly novelty: number;
  /** null where no bins were kept. */
  readonly inputs: number | null;
}

/** Squared errors are clipped at this many times the reference's mean square. */
const CLIP_SQUARES = 16;
/** Errors are clipped at this many of the reference's root mean squares. */
const CLIP_ERRORS = 4;
/** A law counts as unchanged while its mean square grows by no more than this factor, … */
const SQUARES_GROWTH = 1.5;
/** … and its mean error by no more than this share of the root mean square. */
const ERRORS_SHIFT = 0.25;
/** The reference itself may be wrong by this many of its standard errors. */
const REFERENCE_ERRORS = 3;
/** No claim is above this: there must be room for evidence against it. */
const MAX_BOUND = 0.6;
/** Smaller novelties count as this: far inside a regime nothing is to be learnt of dependence. */
const LEAST_NOVELTY = 0.01;
/** Makes Laplace's law give the variance of its sizes, 1/2. */
const TAIL_POWER = 0.35;
/** This share of strange rows is no news: twice that for which the novelty was made. */
const NOVEL_SHARE = 0.02;
export function startMonitor(
  reference: ErrorReference,
  bins: readonly Bins[] | null,
): ExpertMonitor {
  const { meanError, meanSquare, errorOfMean, errorOfSquare } = reference;
  const square = SQUARES_GROWTH + (REFERENCE_ERRORS * errorOfSquare) / meanSquare;
  const slack = ERRORS_SHIFT + (REFERENCE_ERRORS * errorOfMean) / Math.sqrt(meanSquare);
  const shift = meanError / Math.sqrt(meanSquare);
  return {
    reference,
    nCovered: 0,
    nNovel: 0,
    nTried: 0,
    squared: startMeanTest(Math.min(MAX_BOUND, square / CLIP_SQUARES)),
    above: startMeanTest(sideBound(shift + slack)),
    below: startMeanTest(sideBound(slack - shift)),
    novelty: startMeanTest(NOVEL_SHARE),
    dependence: {
      errors: startDependence(CLIP_SQUARES * meanSquare),
      sizes: startDependence(CLIP_SQUARES * meanSquare),
      strangeness: startDependence(Number.MAX_VALUE),
    },
    inputs: bins?.map(startBinTest) ?? null,
  };
}

/** The bound on a clipped error mapped from ± CLIP_ERRORS to [0, 1]. */
function sideBound(shift: number): number {
  return Math.min(MAX_BOUND, 0.5 + shift / (2 * CLIP_ERRORS));
}

/** The monitor after more rows, one after the other. @param rows - Those that it watches. */
export function observeRows(
  monitor: ExpertMonitor,
  { errors, novelty, X }: SeenRows,
  rows: Int32Array,
): ExpertMonitor {
  const covered = rows.filter((i) => novelty[i]! <= 1);
  const { meanSquare } = monitor.reference;
  const squares = valuesAt(covered, (i) =>
    Math.min(1, errors[i]! ** 2 / (CLIP_SQUARES * meanSquare)),
  );
  const sides = valuesAt(covered, (i) => {
    return Math.max(-1, Math.min(1, errors[i]! / (CLIP_ERRORS * Math.sqrt(meanSquare)))) / 2;
  });
  const strange = valuesAt(rows, (i) => (novelty[i]! > 1 ? 1 : 0));
  const above = sides.map((side) => 0.5 + side);
  const below = sides.map((side) => 0.5 - side);
  const { dependence } = monitor;
  return {
    ...monitor,
    nCovered: monitor.nCovered + covered.length,
    nNovel: monitor.nNovel + rows.length - covered.length,
    novelty: observeValues(monitor.novelty, strange),
    squared: observeValues(monitor.squared, squares),
    above: observeValues(monitor.above, above),
    below: observeValues(monitor.below, below),
    dependence: {
      errors: observeDependence(
        dependence.errors,
        valuesAt(covered, (i) => errors[i]!),
      ),
      sizes: observeDependence(
        dependence.sizes,
        valuesAt(covered, (i) => Math.abs(errors[i]!)),
      ),
      strangeness: observeDependence(
        dependence.strangeness,
        valuesAt(rows, (i) => Math.log(Math.max(LEAST_NOVELTY, novelty[i]!))),
      ),
    },
    inputs:
      monitor.inputs?.map((test, j) =>
        observeBins(
          test,
          valuesAt(covered, (i) => X.values[i * X.nColumns + j]!),
        ),
      ) ?? null,
  };
}

/** `Float64Array.from` asks an iterator for each row, which takes longer than the values. */
function valuesAt(rows: Int32Array, value: (i: number) => number): Float64Array {
  const values = new Float64Array(rows.length);
  for (let place = 0; place < rows.length; place++) values[place] = value(rows[place]!);
  return values;
}

/** Evidence, discounted by the dependence of the rows. */
export function evidenceOf(monitor: ExpertMonitor): Evidence {
  const { squared, above, below, novelty, inputs, dependence, reference } = monitor;
  const bySide = independentLag(dependence.errors, reference.meanSquare);
  // Sizes may go together where errors do not.
  const bySize = Math.max(
    lagOfSquares(bySide),
    independentLag(dependence.sizes, sizeVariance(reference)),
  );
  const strange = independentLag(dependence.strangeness, Number.POSITIVE_INFINITY);
  const law = [
    logEvidence(squared, bySize),
    logEvidence(above, bySide),
    logEvidence(below, bySide),
  ];
  return {
    law: logMean(law),
    novelty: logEvidence(novelty, strange),
    inputs: inputs === null || inputs.length === 0 ? null : logBinEvidence(inputs),
  };
}

/**
 * The variance of the errors' sizes where nothing has changed: of a normal error its square times
 * 1 − 2/π, of one with heavier tails more.
 */
function sizeVariance({ meanSquare, errorOfSquare, nSamples }: ErrorReference): number {
  const kurtosis = 1 + (errorOfSquare ** 2 * nSamples) / meanSquare ** 2;
  return meanSquare * (1 - (2 / Math.PI) * Math.min(1, 3 / kurtosis) ** TAIL_POWER);
}

/** Covered rows before the change of law that the evidence speaks for most. */
export function changedAfter({ squared, above, below }: ExpertMonitor): number {
  const tests = [squared, above, below];
  const strongest = tests.reduce((a, b) => (logEvidence(b) > logEvidence(a) ? b : a));
  return changeStart(strongest);
}
