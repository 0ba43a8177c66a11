export { cardsSection } from "./cards.ts";
export { effectFigures } from "./effects.ts";
export { errorsSection, regimeErrors } from "./errors.ts";
export { mapSection } from "./map.ts";
export { searchSection } from "./search.ts";
