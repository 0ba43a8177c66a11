/** Generated rows as a search sees them, with what is known of them. */
import { fitPreprocessing, type GeneratorName, generate } from "../../../src/data/index.ts";
import { prepareSamples, type TrainingTable } from "../../../src/mixture/index.ts";

export function generatedTable(name: GeneratorName, nRows: number, seed: number) {
  const { table, regimes, noiseVariance } = generate(name, { nRows, seed });
  const features = { nRows, columns: table.columns.slice(0, -1) };
  const y = table.columns.at(-1)!.values as Float64Array;
  const rows = Int32Array.from(y.keys());
  const training: TrainingTable = { features, targetName: "y", y, groups: null };
  const preprocessing = fitPreprocessing(features, y, rows, "y");
  const samples = prepareSamples(preprocessing, training, rows);
  return { training, samples, regimes, variance: noiseVariance / preprocessing.target.scale ** 2 };
}
