/** The errors to expect, in one line for a person. */
import { figure, r2Text } from "../../shared/wording.ts";
import { type Expectation, onNewRows } from "./expectation.ts";

/** For example "expect RMSE 3.9 (R² 0.95) on new rows like these; mean predictor 16.7, …". */
export function expectationInWords(
  expectation: Pick<Expectation, "rmse" | "r2" | "rivals" | "gain">,
): string {
  const { rivals, gain = 1 } = expectation;
  const { rmse, r2 } = onNewRows(expectation);
  const others = [
    ["mean predictor", rivals.mean],
    ["linear", rivals.linear],
    ["best single net", rivals.net],
    ["trees", rivals.trees],
  ] as const;
  const said = others.flatMap(([name, error]) =>
    error === null ? [] : [`${name} ${figure(error)}`],
  );
  const heldOut = gain === 1 ? [] : [`on rows held out ${figure(expectation.rmse)}`];
  const beside = [...heldOut, ...said].join(", ");
  return `expect RMSE ${figure(rmse)}${r2Text(r2)} on new rows like these; ${beside}`;
}
