export { createForecaster, type Forecaster } from "./forecaster.ts";
export { createHoltWinters } from "./holt-winters.ts";
export { createLagRidge } from "./lag-ridge.ts";
export type { Method } from "./method.ts";
