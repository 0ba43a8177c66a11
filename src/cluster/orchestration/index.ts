export { type ErasedExperts, eraseExperts } from "./erase-experts.ts";
export { createFleet, type Fleet } from "./fleet.ts";
export { createNodeCount, type NodeCount } from "./node-count.ts";
export { type Placer, type PlacerOptions, startPlacer } from "./placer.ts";
export { createPredictive, createStatic, createThreshold, type PolicyOptions } from "./policies.ts";
export { readPlacement, retireModels } from "./retire.ts";
export { DEFAULT_RULE, parsePolicy, type Rule, type TunedPolicy } from "./rule.ts";
export { RETIRE_MS } from "./served-models.ts";
export { firstPlan, type Judged, judge, type Tuning, tunePolicy } from "./tune.ts";
