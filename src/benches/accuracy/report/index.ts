export { figuresSection, numbersSections } from "./numbers.ts";
export { ranksSection } from "./ranks.ts";
export { reductionsSection } from "./reductions.ts";
export { verdictHtml } from "./verdict.ts";
