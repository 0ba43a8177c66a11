export { type Assignment, assignWinners, churn } from "./assignment.ts";
export { gateConsistentCosts, noiseVariance, squaredErrors } from "./cost.ts";
export {
  annealedResponsibilities,
  expertShares,
  keepExperts,
  randomResponsibilities,
  survivingExperts,
  temperatureAt,
} from "./responsibilities.ts";
