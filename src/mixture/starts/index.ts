export { gaussianMixtureLabels } from "./gaussian-mixture.ts";
export { lineMixtureLabels } from "./line-mixture.ts";
export { type ModelTreeOptions, modelTreeLabels } from "./model-tree.ts";
