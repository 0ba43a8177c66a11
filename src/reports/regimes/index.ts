export { cardsSection } from "./cards.ts";
export { errorsSection } from "./errors.ts";
export { mapSection } from "./map.ts";
export { searchSection } from "./search.ts";
