export {
  applyPreprocessing,
  applyToNumbers,
  featureTable,
  type InputColumn,
  inputColumns,
  matrixColumns,
  schemaOptions,
  schemaTypes,
  writeNumber,
} from "./apply-preprocessing.ts";
export {
  type Dataset,
  dataPathIn,
  everyDataset,
  findDataset,
  listDatasets,
} from "./catalogue.ts";
export { statisticsOf } from "./column-statistics.ts";
export { type CopiedTable, type Copies, keepCopiesTogether } from "./copies.ts";
export {
  DATE_PARTS,
  type DatePart,
  type DatePartName,
  datePartName,
  datePartsOf,
  momentsOf,
} from "./date-features.ts";
export { type MirrorDescriptor, mirrorDescriptors, type Recipe } from "./descriptor.ts";
export { canonicalCsv, valuesSha256 } from "./fingerprint.ts";
export { fitPreprocessing, MAX_LEVELS } from "./fit-preprocessing.ts";
export { frequentLevels } from "./frequent-levels.ts";
export {
  GENERATORS,
  type GeneratedSet,
  type GeneratorName,
  generate,
} from "./generators.ts";
export { identifierColumns, type LeftOut } from "./identifiers.ts";
export {
  effectColumns,
  effectsOf,
  givenFeatures,
  levelEffectName,
  levelsOf,
} from "./level-effects.ts";
export { casesOf, levelSpellings } from "./level-spellings.ts";
export { MAX_MARKS } from "./limits.ts";
export { movedConstants } from "./moved-constants.ts";
export { describeOddities, describeReading } from "./oddities.ts";
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
export { canonicalLevel } from "./reading/cell.ts";
export { checkColumnNames } from "./reading/column-names.ts";
export type { ColumnOptions, ColumnTypes } from "./reading/columns.ts";
export { hasLongNumbers, quoteNumbers } from "./reading/json-numbers.ts";
export {
  type DataFormat,
  parseTable,
  readTable,
  readText,
  type TextOptions,
} from "./reading/read-table.ts";
export { SEPARATORS, type Separator } from "./reading/separator.ts";
export { keyReader } from "./reading/spelling.ts";
export { isReading, readingSchema } from "./reading-schema.ts";
export {
  checkGivenColumns,
  columnOfCells,
  matrixFromRecords,
  tableFromColumns,
  tableFromRecords,
  tableOfObjects,
} from "./records.ts";

export { joinMarks, markRows, type RowMarks, shareMarked } from "./row-marks.ts";
export {
  createRowPreprocessing,
  type RowCells,
  type RowPreprocessing,
} from "./row-preprocessing.ts";

export { unstandardise } from "./scaling.ts";

export { groupedKFold, holdOut, kFold, parseSplits, type Split } from "./splits.ts";
export type {
  CategoryColumn,
  Column,
  ColumnReading,
  ColumnType,
  LevelEffects,
  NumberColumn,
  Spelling,
  StrayCells,
  Table,
} from "./table.ts";
export { takeTableRows } from "./take-rows.ts";
export { noTarget, type SelectedTarget, type SelectOptions, selectTarget } from "./target.ts";
export {
  answerInUnits,
  answersInUnits,
  errorsInUnits,
  fitTarget,
  scaleTarget,
  shiftAnswer,
  standardAnswer,
  type TargetTransform,
  unitOf,
  unscaleTarget,
  withFactor,
} from "./target-scale.ts";
export {
  describeUnlikeTraining,
  type UnknownLevels,
  type UnlikeColumn,
  unknownLevels,
  unlikeTraining,
} from "./unknown-levels.ts";
export { preprocessingWithout } from "./without-rows.ts";
export {
  carriedColumn,
  formatRows,
  type OutputColumn,
  ROW_FORMATS,
  type RowFormat,
} from "./write-rows.ts";
