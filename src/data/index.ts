export {
  applyPreprocessing,
  applyToNumbers,
  matrixColumns,
  scaleTarget,
  schemaOptions,
  schemaTypes,
  unscaleTarget,
} from "./apply-preprocessing.ts";
export {
  type Dataset,
  dataPathIn,
  everyDataset,
  findDataset,
  listDatasets,
} from "./catalogue.ts";
export { canonicalLevel } from "./cell.ts";
export { statisticsOf } from "./column-statistics.ts";
export type { ColumnOptions, ColumnTypes } from "./columns.ts";
export { type CopiedTable, type Copies, keepCopiesTogether } from "./copies.ts";
export { formatCsv } from "./csv.ts";
export { type MirrorDescriptor, mirrorDescriptors, type Recipe } from "./descriptor.ts";
export { canonicalCsv, valuesSha256 } from "./fingerprint.ts";
export { fitPreprocessing } from "./fit-preprocessing.ts";
export { frequentLevels } from "./frequent-levels.ts";
export {
  GENERATORS,
  type GeneratedSet,
  type GeneratorName,
  generate,
} from "./generators.ts";
export { hasLongNumbers, quoteNumbers } from "./json-numbers.ts";
export { movedConstants } from "./moved-constants.ts";
export { describeOddities } from "./oddities.ts";
export {
  datasetTypes,
  holdsData,
  type OpenedData,
  openData,
  publishedSplits,
  selectFrom,
} from "./open-data.ts";
export {
  type CategoryFeature,
  CLIP,
  type ColumnStatistics,
  type Constant,
  type Feature,
  featureWidth,
  matrixWidth,
  type NumberFeature,
  type Preprocessing,
  type TargetScale,
} from "./preprocessing.ts";
export { MAX_KNOTS, RANK_BOUND } from "./ranks.ts";
export { type DataFormat, parseTable, readTable, readText } from "./read-table.ts";
export { tableFromColumns, tableFromRecords, tableOfObjects } from "./records.ts";
export {
  createRowPreprocessing,
  type RowCells,
  type RowPreprocessing,
} from "./row-preprocessing.ts";
export { unstandardise } from "./scaling.ts";
export { keyReader } from "./spelling.ts";
export { groupedKFold, holdOut, kFold, parseSplits, type Split } from "./splits.ts";
export type {
  CategoryColumn,
  Column,
  ColumnType,
  NumberColumn,
  Spelling,
  StrayCells,
  Table,
} from "./table.ts";
export { takeTableRows } from "./take-rows.ts";
export { type SelectedTarget, type SelectOptions, selectTarget } from "./target.ts";
export {
  describeUnlikeTraining,
  type UnknownLevels,
  type UnlikeColumn,
  unknownLevels,
  unlikeTraining,
} from "./unknown-levels.ts";
