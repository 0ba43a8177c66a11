export { createFleet, type Fleet } from "./fleet.ts";
export { createForecaster, type Forecaster } from "./forecast.ts";
export { type Placer, type PlacerOptions, startPlacer } from "./placer.ts";
export { createPredictive, createStatic, createThreshold, type PolicyOptions } from "./policies.ts";
