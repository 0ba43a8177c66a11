/** `bailiwick evaluate`: a model's errors on rows whose target is known. */
import { readBundle } from "../bundle/index.ts";
import { openData, schemaTypes, selectTarget } from "../data/index.ts";
import { type Evaluation, evaluate } from "../mixture/index.ts";
import { figure } from "../shared/wording.ts";
import { createEngine } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, printJson, printLine, warn } from "./output.ts";

export async function evaluateCommand(
  bundlePath: string,
  dataPath: string,
  flags: { readonly json?: boolean },
): Promise<void> {
  const { model } = await readBundle(bundlePath);
  const types = schemaTypes(model.preprocessing);
  const { table } = await openData(dataPath, { mirror: mirrorFolder(), types });
  const { features, y, nDropped } = selectTarget(table, model.preprocessing.target.name, {
    drop: [],
    minRows: 1,
  });
  if (nDropped > 0) warn(`${nDropped} rows without a target were left out`);
  const evaluation = evaluate(await createEngine({ threads: 1 }), model, features, y);
  if (flags.json === true) printJson(evaluation);
  else printLine(renderEvaluation(evaluation));
}

function renderEvaluation({ nSamples, rmse, mae, mse, r2, perExpert }: Evaluation): string {
  const r2Text = r2 === null ? "not defined, the target is constant" : figure(r2);
  const summary = `${nSamples} rows: rmse ${figure(rmse)}, mae ${figure(mae)}, mse ${figure(mse)}, r2 ${r2Text}`;
  const rows = perExpert.map(({ expert, nSamples: rowsOfExpert, metrics }) => [
    expert,
    String(rowsOfExpert),
    metrics === null ? "" : figure(metrics.rmse),
    metrics === null ? "" : figure(metrics.mae),
  ]);
  return [summary, "", formatTable(["expert", "rows", "rmse", "mae"], rows)].join("\n");
}
