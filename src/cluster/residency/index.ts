export { type OfferedExpert, type Part, type Prices, roomFor } from "./choice.ts";
export { createResidency, type Offer, type Residency } from "./residency.ts";
