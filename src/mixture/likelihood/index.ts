export { searchNetCost } from "./cost.ts";
export {
  type FoundRegimes,
  type RegimeCandidate,
  type RegimeSearch,
  searchRegimes,
} from "./search.ts";
