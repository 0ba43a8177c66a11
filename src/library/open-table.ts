/** Opens rows to fit, predict or measure: a file, a data set by name, or plain objects. */
import { z } from "zod";
import {
  type ColumnOptions,
  type ColumnTypes,
  checkColumnNames,
  describeOddities,
  identifierColumns,
  type LeftOut,
  noTarget,
  type OpenedData,
  openData,
  type SelectedTarget,
  type SelectOptions,
  schemaOptions,
  selectTarget,
  type Table,
  type TextOptions,
  tableOfObjects,
  valuesSha256,
} from "../data/index.ts";
import { checkRegressor, type Regressor } from "./regressor.ts";
import {
  checkObjects,
  type DataTable,
  type ReadSettings,
  ROWS_NAME,
  type RowObject,
  textShape,
} from "./rows.ts";
import { parseSettings } from "./settings.ts";

/** The columns of a table. Every setting has a default. */
export interface TableSettings {
  /** The column to predict, of numbers. A named data set has one; other tables need it to fit. */
  readonly target?: string | undefined;
  /** Columns that are not features. Default none. */
  readonly drop?: readonly string[] | undefined;
  /** Columns that are features even where their values seem to identify rows. Default none. */
  readonly keep?: readonly string[] | undefined;
  /**
   * A column that identifies groups: rows of a group are held out together. It is not a feature.
   */
  readonly group?: string | undefined;
  /** Types of columns where the inferred one is wrong: "number", "category" or "date". */
  readonly types?: ColumnTypes | undefined;
  /** Texts that mark a missing value, in place of NA, ? and the other defaults. */
  readonly missing?: readonly string[] | undefined;
  /**
   * Keep the texts of all cells, so that rows that a bundle keeps can be forgotten by any of them.
   * Default false.
   */
  readonly keepTexts?: boolean | undefined;
  /** A model: its columns are read with the types of its training table. */
  readonly like?: Regressor | undefined;
  /** Folder of further data sets that have a name, as `bailiwick data fetch` makes it. */
  readonly mirror?: string | undefined;
  /** What separates the cells of a CSV file: , ; | or a tab. Default what its rows show. */
  readonly separator?: ReadSettings["separator"];
  /** The decimal mark of numbers in texts. Default what the cells show. */
  readonly decimal?: ReadSettings["decimal"];
  /** The encoding of a text file. Default what its bytes show. */
  readonly encoding?: ReadSettings["encoding"];
  /** Folder that relative paths start from. Default: the working folder. */
  readonly baseFolder?: string | undefined;
}

const schema = z.strictObject({
  target: z.string().optional(),
  drop: z.array(z.string()).optional(),
  keep: z.array(z.string()).optional(),
  group: z.string().optional(),
  types: z.record(z.string(), z.enum(["number", "category", "date"])).optional(),
  missing: z.array(z.string()).optional(),
  keepTexts: z.boolean().optional(),
  like: z.custom<Regressor>((value) => typeof value === "object" && value !== null).optional(),
  mirror: z.string().optional(),
  baseFolder: z.string().optional(),
  ...textShape,
});

/**
 * Opens a table: a CSV, TSV, JSON, JSON lines, Arrow or Parquet file, plain or gzipped; a data set
 * by its name; or a list of row objects. Column types are inferred: numbers if every non-missing
 * cell is a number, else categories.
 *
 * @param source - A file's path, `-` for stdin, a data set's name ("concrete" is included), or row
 *   objects.
 * @throws BailiwickError FILE_NOT_FOUND, DATASET_UNKNOWN, DATA_EMPTY, DATA_MALFORMED, DATA_RAGGED,
 *   DATA_TOO_LARGE, COLUMN_DUPLICATE, COLUMN_MISSING, COLUMN_TYPE or VALUE_NOT_FINITE for what
 *   cannot be read; TARGET_MISSING or TARGET_NOT_NUMERIC for a target that holds no numbers;
 *   INVALID_OPTION for a wrong setting.
 * @example
 * ```ts
 * import { openTable } from "bailiwick";
 *
 * const { table, target } = await openTable("prices.csv", { target: "price", drop: ["id"] });
 * console.log(`${table.nRows} rows, ${table.columns.length} columns; predicts ${target}`);
 * ```
 */
export async function openTable(
  source: string | readonly RowObject[],
  settings: TableSettings = {},
): Promise<DataTable> {
  const checked = parseSettings("openTable", schema, settings);
  const { like, mirror, baseFolder, drop: unread, group: named } = checked;
  if (like !== undefined) checkRegressor("openTable", like);
  const schemaOfLike = like === undefined ? {} : schemaOptions(like.model.preprocessing);
  const options: ColumnOptions & TextOptions = {
    ...schemaOfLike,
    types: { ...schemaOfLike.types, ...checked.types },
    missing: checked.missing ?? schemaOfLike.missing,
    drop: unread,
    decimal: checked.decimal,
    separator: checked.separator,
    encoding: checked.encoding,
    ...(checked.keepTexts === true ? { keepTexts: "all" } : {}),
  };
  const opened =
    typeof source === "string"
      ? await openData(source, { ...options, group: named, mirror, baseFolder })
      : openObjects(source, options);
  const { name, sha256, table, dataset } = opened;
  const roles = {
    target: checked.target ?? dataset?.target ?? null,
    group: named ?? dataset?.group ?? null,
    drop: dropOf(opened, unread),
  };
  // Reports a wrong name here, not when the table is fitted.
  const isForFit = checked.target !== undefined || (roles.target !== null && like === undefined);
  if (!isForFit) return { name, sha256, table, ...roles, warnings: [] };
  const leftOut = dataset === null ? namesOfRows(table, roles, checked.keep) : [];
  const all = { ...roles, drop: [...roles.drop, ...leftOut.map(({ column }) => column)] };
  const selected = selectRows(name, table, all, ANY_ROWS);
  const warnings = [...leftOut.map(describeLeftOut), ...oddRows(selected)];
  return { name, sha256, table, ...all, warnings };
}

/** Columns that say nothing of rows. @throws COLUMN_MISSING if a name to keep is none. */
function namesOfRows(table: Table, roles: Roles, keep: readonly string[] = []): readonly LeftOut[] {
  const others = [roles.target, roles.group].filter((name) => name !== null);
  const names = table.columns.map(({ name }) => name);
  checkColumnNames(keep, names);
  return identifierColumns(table, [...others, ...roles.drop, ...keep]);
}

function describeLeftOut({ column, why, canStay }: LeftOut): string {
  const keep = canStay ? `; --keep "${column}" makes it a feature` : "";
  return `column "${column}" is left out: ${why}${keep}`;
}

const ANY_ROWS = { minRows: 1, allowConstant: true };

function openObjects(source: unknown, options: ColumnOptions): OpenedData {
  const table = tableOfObjects(checkObjects(source), options);
  const { drop: dropped = [] } = options;
  return { name: ROWS_NAME, sha256: valuesSha256(table), table, dataset: null, dropped };
}

/** Columns of the table that are not features; the reader has already left out others. */
function dropOf({ table, dataset, dropped = [] }: OpenedData, drop: readonly string[] = []) {
  const asked = [...drop, ...(dataset?.drop ?? []).map(({ column }) => column)];
  const present = new Set(table.columns.map(({ name }) => name));
  return asked.filter((name) => present.has(name) || !dropped.includes(name));
}

type Roles = Pick<DataTable, "target" | "drop" | "group">;

/** Target and features apart. @throws TARGET_MISSING if none is named; as `selectTarget`. */
export function selectRows(
  name: string,
  table: Table,
  { target, drop, group }: Roles,
  limits: Pick<SelectOptions, "minRows" | "allowConstant"> = {},
): SelectedTarget {
  if (target === null) throw noTarget(name, table);
  return selectTarget(table, target, { drop, ...(group === null ? {} : { group }), ...limits });
}

/** Warnings about rows to be fitted, in sentences. */
export function oddRows(selected: SelectedTarget): readonly string[] {
  const { nDropped, features } = selected;
  const dropped = nDropped === 0 ? [] : [`${nDropped} rows without a target were left out`];
  return [...dropped, ...describeOddities(features, selected)];
}
