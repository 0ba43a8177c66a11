export {
  applyPreprocessing,
  matrixColumns,
  scaleTarget,
  schemaTypes,
  unscaleTarget,
} from "./apply-preprocessing.ts";
export { type Dataset, findDataset, listDatasets } from "./catalogue.ts";
export { formatCsv } from "./cells.ts";
export type { ColumnTypes } from "./columns.ts";
export { describeOddities, fitPreprocessing } from "./fit-preprocessing.ts";
export { type OpenedData, openData, publishedSplits, selectFrom } from "./open-data.ts";
export type {
  CategoryFeature,
  Feature,
  NumberFeature,
  Preprocessing,
  TargetScale,
} from "./preprocessing.ts";
export { type DataFormat, parseTable, readTable } from "./read-table.ts";
export { tableFromColumns, tableFromRecords } from "./records.ts";
export { groupedKFold, holdOut, kFold, parseSplits, type Split } from "./splits.ts";
export type { CategoryColumn, Column, ColumnType, NumberColumn, Table } from "./table.ts";
export { type SelectedTarget, selectTarget } from "./target.ts";
