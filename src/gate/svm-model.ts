/**
 * libsvm's text of a binary RBF model as numbers.
 *
 * The text is a head of `name value` lines and, after `SV`, a line a support vector: coefficient,
 * then index:value pairs. Its precision differs: 16 digits of a coefficient, 8 of a support
 * vector's values (a 32-bit float needs 9) and 6 of rho. So support vectors are taken from the
 * rows trained on, and rho from a point where libsvm's own decision is 0.
 */
import { BailiwickError } from "../shared/errors.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import { type DecisionFunction, kernelSum } from "./svm-decision.ts";
import type { TrainedSvm } from "./svm-thread.ts";

interface ModelText {
  readonly rho: number;
  readonly coefficients: Float64Array;
}

/**
 * The decision function of a trained model, positive for the label +1.
 *
 * If libsvm puts every support vector that was tried on one side, rho has the text's 6 digits.
 *
 * @param X - The rows that the model was trained on, in the same order.
 * @throws WORKER_FAILED if the text is not a binary RBF model of these rows.
 */
export function readModel(trained: TrainedSvm, gamma: number, X: Matrix): DecisionFunction {
  const { rho, coefficients } = parseModel(trained.text, trained.supportRows.length);
  const kernels = { supportVectors: takeRows(X, trained.supportRows), coefficients };
  const { boundary } = trained;
  return { ...kernels, rho: boundary === null ? rho : kernelSum(kernels, gamma, boundary, 0) };
}

function parseModel(text: string, nVectors: number): ModelText {
  const [head = "", body = ""] = text.split(/^SV$/m);
  const field = (name: string): string | undefined =>
    new RegExp(`^${name} (.+)$`, "m").exec(head)?.[1];
  const rho = Number(field("rho"));
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  const coefficients = Float64Array.from(lines, (line) => Number.parseFloat(line));
  const whole =
    field("svm_type") === "c_svc" &&
    field("kernel_type") === "rbf" &&
    field("label") === "1 -1" && // libsvm decides for the first; of +1 and −1 that is always +1.
    Number.isFinite(rho) &&
    coefficients.length === nVectors &&
    coefficients.every(Number.isFinite);
  if (!whole) {
    const message = `libsvm must return a binary RBF model of ${nVectors} support vectors`;
    throw new BailiwickError("WORKER_FAILED", message, { head });
  }
  return { rho, coefficients };
}
