/**
 * Removes rows from an SVM gate: its machines keep some training rows as support vectors. A machine
 * that keeps a row to forget is trained again without it.
 */
import { type Matrix, rowOf, takeColumns, takeRows } from "../shared/matrix.ts";
import type { SvmGate, SvmMachine } from "./gate.ts";
import type { LabelledRows } from "./refine.ts";
import { fitRbfMachines } from "./svm-gate.ts";

/** Rows of one side from which a machine can be trained. */
const MIN_SIDE = 2;

/**
 * @param forgotten - Preprocessed rows.
 * @param left - All other rows, with the expert that each is routed to.
 * @param options - `ignored`: matrix columns in which a row of training may differ from itself.
 * @returns The same gate if no machine keeps any of them.
 */
export async function refitMachines(
  gate: SvmGate,
  forgotten: Matrix,
  left: LabelledRows,
  { seed, ignored }: { readonly seed: number; readonly ignored?: ReadonlySet<number> },
): Promise<SvmGate> {
  const refit = async (part: SvmGate, experts: readonly number[] | null): Promise<SvmGate> => {
    const seenBy = (X: Matrix): Matrix => {
      return part.features === undefined ? X : takeColumns(X, part.features);
    };
    const lost = seenBy(forgotten);
    const keyOf = keyReader(part.features ?? [...Array(lost.nColumns).keys()], ignored);
    const keys = new Set(Array.from({ length: lost.nRows }, (_, i) => keyOf(lost, i)));
    const isKept = (X: Matrix, i: number): boolean => !keys.has(keyOf(X, i));
    const rest = { ...left, X: seenBy(left.X) };
    const machines: SvmMachine[] = [];
    for (const machine of part.machines) {
      const keeps = keepsAny(machine, isKept);
      const expertOf = (k: number): number => (experts === null ? k : experts[k]!);
      const sides = [expertOf(machine.first), expertOf(machine.second)] as const;
      machines.push(
        keeps ? await refitMachine(part, machine, { left: rest, sides, isKept, seed }) : machine,
      );
    }
    const same = machines.every((machine, p) => machine === part.machines[p]);
    return same ? part : { ...part, machines };
  };
  const base = await refit(gate, null);
  if (gate.refinements === undefined) return base;
  const refinements = [];
  for (const { experts, gate: part } of gate.refinements) {
    refinements.push({ experts, gate: await refit(part, experts) });
  }
  const same = refinements.every(({ gate: part }, r) => part === gate.refinements![r]!.gate);
  return same ? base : { ...base, refinements };
}

/** A row's values to the bit, but for the ignored ones. @param columns - Of the matrix. */
function keyReader(
  columns: readonly number[],
  ignored: ReadonlySet<number> = new Set(),
): (X: Matrix, i: number) => string {
  const places = [...columns.keys()].filter((place) => !ignored.has(columns[place]!));
  return (X, i) => {
    const row = rowOf(X, i);
    return places.map((place) => row[place]!).join(" ");
  };
}

/** Whether a row is none of those to forget. */
type IsKept = (X: Matrix, i: number) => boolean;

function keepsAny({ supportVectors }: SvmMachine, isKept: IsKept): boolean {
  for (let s = 0; s < supportVectors.nRows; s++) if (!isKept(supportVectors, s)) return true;
  return false;
}

async function refitMachine(
  { cost, gamma }: SvmGate,
  machine: SvmMachine,
  {
    left: { X, labels },
    sides,
    isKept,
    seed,
  }: {
    readonly left: LabelledRows;
    readonly sides: readonly [number, number];
    readonly isKept: IsKept;
    readonly seed: number;
  },
): Promise<SvmMachine> {
  const rows = sides.map((k) => [...labels.keys()].filter((i) => labels[i] === k));
  if (rows.some(({ length }) => length < MIN_SIDE)) return withoutVectors(machine, isKept);
  const pairRows = takeRows(X, rows.flat());
  const ownLabels = Int32Array.from(rows.flatMap((list, side) => list.map(() => side)));
  const setting = { costs: [cost], gammas: [gamma * X.nColumns] };
  const { machines } = await fitRbfMachines(pairRows, ownLabels, 2, { seed, ...setting });
  return { ...machines[0]!, first: machine.first, second: machine.second };
}

/** Without rows to train on, only the vectors are removed. */
function withoutVectors(machine: SvmMachine, isKept: IsKept): SvmMachine {
  const { supportVectors, coefficients } = machine;
  const kept = [...coefficients.keys()].filter((s) => isKept(supportVectors, s));
  return {
    ...machine,
    supportVectors: takeRows(supportVectors, kept),
    coefficients: Float64Array.from(kept, (s) => coefficients[s]!),
  };
}
