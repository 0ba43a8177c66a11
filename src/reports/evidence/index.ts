export { agreementSection, residualsSection } from "./agreement.ts";
export { dataSection } from "./columns.ts";
export { coverageSection } from "./coverage.ts";
export { effectsSection } from "./effects.ts";
export { importanceSection } from "./importance.ts";
export { leadersSection } from "./leaders.ts";
export { rowsInWords } from "./rows-in-words.ts";
export { worstSection } from "./worst.ts";
