/** The errors to expect, in one line for a person. */
import { figure, r2Text } from "../../shared/wording.ts";
import type { Expectation } from "./expectation.ts";

/** For example "expect RMSE 3.9 (R² 0.95) on new rows like these; mean predictor 16.7, …". */
export function expectationInWords({
  rmse,
  r2,
  rivals,
}: Pick<Expectation, "rmse" | "r2" | "rivals">): string {
  const others = [
    ["mean predictor", rivals.mean],
    ["linear", rivals.linear],
    ["best single net", rivals.net],
    ["trees", rivals.trees],
  ] as const;
  const said = others.flatMap(([name, error]) =>
    error === null ? [] : [`${name} ${figure(error)}`],
  );
  return `expect RMSE ${figure(rmse)}${r2Text(r2)} on new rows like these; ${said.join(", ")}`;
}
