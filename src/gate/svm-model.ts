/**
 * libsvm's text of a binary model as numbers.
 *
 * The text is a head of `name value` lines and, after `SV`, a line a support vector: coefficient,
 * then index:value pairs. Its precision differs: 16 digits of a coefficient, 8 of a support
 * vector's values (a 32-bit float needs 9) and 6 of rho. So support vectors are taken from the
 * rows trained on, and rho from a point where libsvm's own decision is 0.
 */
import { BailiwickError } from "../shared/errors.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import type { SvmKernel } from "./gate.ts";
import { type DecisionFunction, decisionAt } from "./svm-decision.ts";
import { collapse, countTerms, writeTerms } from "./svm-terms.ts";
import type { TrainedSvm } from "./svm-thread.ts";

interface ModelText {
  readonly rho: number;
  readonly coefficients: Float64Array;
}

const KERNEL_NAMES: Readonly<Record<SvmKernel, string>> = {
  linear: "linear",
  quadratic: "polynomial",
  rbf: "rbf",
};

/**
 * The decision function of a trained model, positive for the label +1; of a linear or a quadratic
 * kernel one vector of its terms.
 *
 * If libsvm puts all tested support vectors on one side, rho has the text's 6 digits.
 *
 * @param X - The rows that the model was trained on, in the same order.
 * @throws WORKER_FAILED if the text is not a binary model of these rows and this kernel.
 */
export function readModel(
  trained: TrainedSvm,
  gamma: number,
  X: Matrix,
  kernel: SvmKernel = "rbf",
): DecisionFunction {
  const { rho, coefficients } = parseModel(trained.text, trained.supportRows.length, kernel);
  const model = { supportVectors: takeRows(X, trained.supportRows), coefficients, rho };
  const machine = kernel === "rbf" ? model : collapse(kernel, gamma, model);
  const { boundary } = trained;
  if (boundary === null) return machine;
  const nInputs = X.nColumns;
  const terms = new Float64Array(countTerms(kernel, nInputs));
  writeTerms(kernel, boundary, { start: 0, nInputs }, terms);
  return { ...machine, rho: decisionAt({ ...machine, rho: 0 }, { kernel, gamma }, terms) };
}

function parseModel(text: string, nVectors: number, kernel: SvmKernel): ModelText {
  const [head = "", body = ""] = text.split(/^SV$/m);
  const field = (name: string): string | undefined =>
    new RegExp(`^${name} (.+)$`, "m").exec(head)?.[1];
  const rho = Number(field("rho"));
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  const coefficients = Float64Array.from(lines, (line) => Number.parseFloat(line));
  const whole =
    field("svm_type") === "c_svc" &&
    field("kernel_type") === KERNEL_NAMES[kernel] &&
    field("label") === "1 -1" && // libsvm decides for the first class, which is always +1.
    Number.isFinite(rho) &&
    coefficients.length === nVectors &&
    coefficients.every(Number.isFinite);
  if (!whole) {
    const message = `libsvm must return a binary ${kernel} model of ${nVectors} support vectors`;
    throw new BailiwickError("WORKER_FAILED", message, { head });
  }
  return { rho, coefficients };
}
