/** What `predict` writes: the columns in their order, the format, and where they go. */
import { extname } from "node:path";
import {
  carriedColumn,
  formatRows,
  type OutputColumn,
  ROW_FORMATS,
  type RowFormat,
} from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { writeFileAtomic } from "../shared/files.ts";
import type { NamedColumn } from "./explained-columns.ts";

export interface OutputFlags {
  readonly out?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly arrow?: boolean;
}

/** Columns of the data that are copied to the output. */
export interface CopyFlags {
  readonly id?: readonly string[];
  readonly keep?: readonly string[];
}

const FORMAT_OF_ENDING: Readonly<Record<string, RowFormat | null>> = {
  ".csv": "csv",
  ".json": "json",
  ".arrow": "arrow",
  ".feather": "arrow",
  ".tsv": null,
  ".jsonl": null,
  ".ndjson": null,
  ".parquet": null,
  ".xlsx": null,
  ".gz": null,
};

/**
 * The format that the flags and the file's ending say.
 *
 * @throws INVALID_OPTION for two formats, for an ending of another format, and for Arrow on a
 *   terminal.
 */
export function outputFormat({ out, ...flags }: OutputFlags): RowFormat {
  const asked = ROW_FORMATS.filter((format) => flags[format] === true);
  const [first, second] = asked;
  if (second !== undefined) {
    throw refused(`--${first} and --${second} must not be given together`);
  }
  if (isStdout(out)) {
    if (first === "arrow" && process.stdout.isTTY === true) {
      throw refused("--arrow writes bytes, which a terminal must not get; give --out or a pipe");
    }
    return first ?? "csv";
  }
  const ending = extname(out).toLowerCase();
  if (!Object.hasOwn(FORMAT_OF_ENDING, ending)) return first ?? "csv";
  const named = FORMAT_OF_ENDING[ending] ?? null;
  if (named === null) {
    throw refused(`--out must end in .csv, .json, .arrow or .feather, got "${out}"`);
  }
  if (first !== undefined && first !== named) {
    throw refused(`--${first} must not be given with --out ${out}, whose ending is of ${named}`);
  }
  return named;
}

/** @throws INVALID_OPTION for a column that is named twice. */
export function checkCopies({ id = [], keep = [] }: CopyFlags): readonly string[] {
  const names = [...id, ...keep];
  const twice = names.find((name, c) => names.indexOf(name) !== c);
  if (twice === undefined) return names;
  throw refused(`--id and --keep must name each column once, "${twice}" is named twice`);
}

/**
 * Identifiers, kept columns, then what the model answers, rounded to `digits`.
 *
 * @throws INVALID_OPTION if a copied column has the name of an answer's column.
 */
export function outputColumns(
  { id = [], keep = [], digits }: CopyFlags & { readonly digits?: number },
  carried: ReadonlyMap<string, ArrayLike<unknown>>,
  answers: readonly NamedColumn[],
): readonly OutputColumn[] {
  const taken = new Set(answers.map(([name]) => name));
  const clash = [...id, ...keep].find((name) => taken.has(name));
  if (clash !== undefined) {
    const message = `--id and --keep must not name "${clash}", a column of the predictions`;
    throw refused(`${message}; rename it in the data`);
  }
  const copied = [
    ...id.map((name) => carriedColumn(name, carried.get(name)!, { isId: true })),
    ...keep.map((name) => carriedColumn(name, carried.get(name)!, { isId: false })),
  ];
  return [...copied, ...answers.map((column) => answerColumn(column, digits))];
}

function answerColumn([name, values]: NamedColumn, digits: number | undefined): OutputColumn {
  if (values instanceof Int32Array) return { name, type: "whole", cells: values };
  if (!(values instanceof Float64Array)) return { name, type: "text", cells: values };
  const cells =
    digits === undefined ? values : values.map((value) => Number(value.toFixed(digits)));
  return { name, type: "number", cells };
}

/** Writes to the file, or to stdout. */
export async function writeRows(
  columns: readonly OutputColumn[],
  format: RowFormat,
  out: string | undefined,
): Promise<void> {
  const content = formatRows(format, columns);
  if (isStdout(out)) process.stdout.write(content);
  else await writeFileAtomic(out, content);
}

/** As `-` names stdin where data is read, it names stdout where rows are written. */
function isStdout(out: string | undefined): out is undefined | "-" {
  return out === undefined || out === "-";
}

function refused(message: string): BailiwickError {
  return new BailiwickError("INVALID_OPTION", message);
}
