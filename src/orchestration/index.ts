export { createForecaster, type Forecaster } from "./forecast.ts";
export { createPredictive, createStatic, createThreshold, type PolicyOptions } from "./policies.ts";
