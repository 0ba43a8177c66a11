/** The functions from a bundle's bytes to answers, as a module for a page. */
export const PREDICTION = `
  import { assembleModel, readManifest } from "./src/bundle/index.ts";
  import { applyPreprocessing, tableFromColumns } from "./src/data/index.ts";
  import { createNetPredictor } from "./src/experts/index.ts";
  import { predictMatrix } from "./src/mixture/index.ts";

  globalThis.predictColumns = async (manifest, blobs, columns) => {
    const name = "the manifest";
    const model = assembleModel(readManifest(manifest, name), name, (hash) => blobs[hash]);
    const X = applyPreprocessing(model.preprocessing, tableFromColumns(columns, model.preprocessing));
    return predictMatrix(await createNetPredictor(), model, X).values;
  };
`;
