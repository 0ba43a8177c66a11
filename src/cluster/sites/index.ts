export { type FittedSites, fitSites } from "./fit-sites.ts";
export { DEFAULT_SUMS, type SumOptions } from "./fit-sums.ts";
export { type Ledger, openLedger } from "./ledger.ts";
export { type SiteOptions, startSite } from "./site.ts";
export { type SiteName, siteName } from "./site-link.ts";
export { type SumSource, sumOfRows, sumOfSites } from "./source.ts";
