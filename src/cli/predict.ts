/** `bailiwick predict`: one prediction a row, as CSV. */
import { readBundle } from "../bundle/index.ts";
import { formatCsv, openData, schemaTypes } from "../data/index.ts";
import { type Model, type Prediction, predict } from "../mixture/index.ts";
import { writeFileAtomic } from "../shared/files.ts";
import { createEngine } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import { note } from "./output.ts";

export interface PredictFlags {
  readonly out?: string;
  readonly explain?: boolean;
}

export async function predictCommand(
  bundlePath: string,
  dataPath: string,
  flags: PredictFlags,
): Promise<void> {
  const { model } = await readBundle(bundlePath);
  const types = schemaTypes(model.preprocessing);
  const { table } = await openData(dataPath, { mirror: mirrorFolder(), types });
  const prediction = predict(await createEngine({ threads: 1 }), model, table);
  const csv = formatCsv(predictionColumns(model, prediction, flags.explain === true));
  if (flags.out === undefined) {
    process.stdout.write(csv);
  } else {
    await writeFileAtomic(flags.out, csv);
    note(`wrote ${prediction.values.length} predictions to ${flags.out}`);
  }
}

/** Columns by name: the prediction, and with an explanation the route of each member. */
function predictionColumns(
  model: Model,
  { values, routes }: Prediction,
  explain: boolean,
): readonly (readonly [string, ArrayLike<number | string>])[] {
  const columns: [string, ArrayLike<number | string>][] = [["prediction", values]];
  if (!explain) return columns;
  routes.forEach(({ experts, scores, nExperts }, m) => {
    const prefix = model.members.length === 1 ? "" : `m${m}.`;
    columns.push([`${prefix}expert`, experts]);
    for (let k = 0; k < nExperts; k++) {
      const own = Float64Array.from(experts, (_, i) => scores[i * nExperts + k]!);
      columns.push([`${prefix}score ${k}`, own]);
    }
  });
  return columns;
}
