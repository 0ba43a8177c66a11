/** Has only a part of a regime changed, and can that part be told from the inputs? */
import type { Engine } from "../../experts/index.ts";
import { fitSvmGate, gateScores, topExperts } from "../../gate/index.ts";
import { takeRows } from "../../shared/matrix.ts";
import type { WatchedMember } from "../watch/index.ts";

/** A row contradicts its expert if its squared error is this many times the expected. */
const CONTRADICTS = 9;
/** Fewer rows are no part. */
const MIN_ROWS = 12;
/** A part holds at least this share of the rows, and leaves as many. */
const PART_SHARE = 0.15;
/** A part can be told from x if at most this share of its rows is taken for the other's. */
const PART_ERROR = 0.35;
/** Each half of the rows needs this many of either label to train an SVM. */
const MIN_LABELLED = 4;

/** Rows by their place in the batch. */
interface Part {
  readonly changed: Int32Array;
  readonly staying: Int32Array;
}

/** The rows that contradict expert k and those that do not; null if x does not tell them apart. */
export async function findPart(
  engine: Engine,
  { rows: { samples }, seen, monitors }: WatchedMember,
  k: number,
  { rows, seed }: { readonly rows: Int32Array; readonly seed: number },
): Promise<Part | null> {
  const limit = CONTRADICTS * monitors[k]!.reference.meanSquare;
  const labels = Int32Array.from(rows, (i) => (seen.errors[i]! ** 2 > limit ? 1 : 0));
  const nChanged = labels.reduce((sum, label) => sum + label, 0);
  const fewest = Math.min(nChanged, rows.length - nChanged);
  if (fewest < Math.max(MIN_ROWS, PART_SHARE * rows.length)) return null;
  const places = Int32Array.from(rows.keys());
  const [even, odd] = [places.filter((p) => p % 2 === 0), places.filter((p) => p % 2 === 1)];
  const labelsOf = (half: Int32Array): Int32Array => half.map((p) => labels[p]!);
  const matrixOf = (half: Int32Array) =>
    takeRows(
      samples.X,
      half.map((p) => rows[p]!),
    );
  if ([0, 1].some((label) => countOf(labelsOf(even), label) < MIN_LABELLED)) return null;
  const setting = { seed, costs: [10], gammas: [1, 4] };
  const gate = await fitSvmGate(matrixOf(even), labelsOf(even), 2, setting);
  const top = topExperts(gateScores(engine, gate, matrixOf(odd)), 2);
  const truth = labelsOf(odd);
  const nWrong = top.reduce((sum, label, p) => sum + (label === truth[p] ? 0 : 1), 0);
  if (nWrong > (PART_ERROR * fewest) / 2) return null;
  return {
    changed: rows.filter((_, p) => labels[p] === 1),
    staying: rows.filter((_, p) => labels[p] === 0),
  };
}

function countOf(labels: Int32Array, label: number): number {
  return labels.filter((one) => one === label).length;
}
