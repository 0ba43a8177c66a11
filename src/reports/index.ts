export { draw, ROW_MARKS, ROW_WORDS, X_AXIS } from "./draw.ts";
export { documentHtml, figureHtml, type Html, html, NOTHING, tableHtml } from "./html.ts";
export { methodNames, ownName } from "./names.ts";
export { type Fact, modelOrigin } from "./origin.ts";
export { withPrintableTexts } from "./printable.ts";
export { type ModelPage, renderModel, renderReport } from "./report.ts";
