export type { LogLevel, LogTarget } from "./http.ts";
export { DEFAULT_LIMITS, type Limits, limitsWith } from "./limits.ts";
export { listen } from "./listen.ts";
export type { ExtraGauge } from "./metrics.ts";
export { type Page, policyOf } from "./pages.ts";
export {
  createRegistry,
  type Elsewhere,
  type Registry,
  type RegistryOptions,
  type ServedModel,
} from "./registry.ts";
export { checkExposure, createTokenCheck, readTokens, type TokenCheck } from "./security.ts";
export { type ApiServer, createServer, type ServerOptions } from "./server.ts";
export { type BundleSource, serveBundles, type Watch, type WatchOptions } from "./watch.ts";
