export { type ErasedExperts, eraseExperts } from "./erase-experts.ts";
export { createFleet, type Fleet } from "./fleet.ts";
export { type Placer, type PlacerOptions, startPlacer } from "./placer.ts";
export { createPredictive, createStatic, createThreshold, type PolicyOptions } from "./policies.ts";
export { readPlacement, retireModels } from "./retire.ts";
export { RETIRE_MS } from "./served-models.ts";
