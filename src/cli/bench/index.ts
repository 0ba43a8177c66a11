export { addBenches } from "./program.ts";
