/**
 * Descriptors of data sets: one JSON file for each set.
 *
 * `datasets/<name>.json` describes a set with its data beside it, `datasets/mirror/<name>.json` a
 * set with its data in a mirror or at its origin. Hashes, counts and columns of a set are in its
 * descriptor and nowhere else.
 */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";

/** The folder of the package's data sets: beside src/ and beside dist/. */
export const OWN_FOLDER: string = fileURLToPath(new URL("../../datasets/", import.meta.url));
const MAX_DESCRIPTOR_BYTES = 1_000_000;

interface Description {
  readonly name: string;
  readonly title: string;
  readonly origin: string;
  readonly licence: string;
  /** A page about the set, or the package that it was taken from. */
  readonly address: string;
  readonly target: string;
  readonly group: string | null;
  readonly categorical: readonly string[];
  /** Rows that have a target. */
  readonly nRows: number;
  /** Columns without target, group and dropped ones. */
  readonly nFeatures: number;
  readonly note: string;
}

export interface OwnDescriptor extends Description {
  readonly file: string;
  readonly sha256: string;
  readonly drop: readonly { readonly column: string; readonly why: string }[];
  /** A mirror's set with the same rows in the same order, so that its splits apply to this set. */
  readonly splitsOf?: string | undefined;
}

export interface MirrorDescriptor extends Description {
  /** Of the mirror's data.csv.gz. */
  readonly sha256: string;
  /** Of its values, in any text and packing (fingerprint.ts). */
  readonly valuesSha256: string;
  /** Of the mirror's splits.txt.gz. */
  readonly splits: { readonly sha256: string };
  readonly fetch: Recipe | { readonly impossible: string };
}

/** How the origin's file becomes the table. */
export interface Recipe {
  readonly address: string;
  /** A file in the archive, where the address is that of a zip archive. */
  readonly member?: string | undefined;
  readonly gzip?: boolean | undefined;
  /** Default: UTF-8. */
  readonly encoding?: "latin1" | undefined;
  /** The separator of cells; with "space", a row may span several lines. */
  readonly separator: "," | ";" | "\t" | "space";
  /** Lines before the first row. */
  readonly skip: number;
  /** Cells of a row. */
  readonly width: number;
  /** Names of the table's columns. */
  readonly columns: readonly string[];
  /** The place of each in a row, counted from 1; default: in order from the first. */
  readonly places?: readonly number[] | undefined;
}

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const description = {
  name: z.string().regex(/^[\w-]+$/),
  title: z.string(),
  origin: z.string(),
  licence: z.string(),
  address: z.string(),
  target: z.string(),
  group: z.string().nullable(),
  categorical: z.array(z.string()),
  nRows: z.int(),
  nFeatures: z.int(),
  note: z.string(),
};

const ownSchema: z.ZodType<OwnDescriptor> = z.strictObject({
  ...description,
  file: z.string().regex(/^[\w.-]+$/),
  sha256: sha256Schema,
  drop: z.array(z.strictObject({ column: z.string(), why: z.string() })),
  splitsOf: z.string().optional(),
});

const recipeSchema = z.strictObject({
  address: z.url({ protocol: /^https?$/ }),
  member: z.string().optional(),
  gzip: z.boolean().optional(),
  encoding: z.literal("latin1").optional(),
  separator: z.enum([",", ";", "\t", "space"]),
  skip: z.int().nonnegative(),
  width: z.int().positive(),
  columns: z.array(z.string()),
  places: z.array(z.int().positive()).optional(),
});

const mirrorSchema: z.ZodType<MirrorDescriptor> = z.strictObject({
  ...description,
  sha256: sha256Schema,
  valuesSha256: sha256Schema,
  splits: z.strictObject({ sha256: sha256Schema }),
  fetch: z.union([recipeSchema, z.strictObject({ impossible: z.string() })]),
});

/** Descriptors of the package's sets, by name. */
export function ownDescriptors(): Promise<readonly OwnDescriptor[]> {
  return readFolder(OWN_FOLDER, ownSchema);
}

/** Descriptors of the sets that a mirror can hold or `fetch` can get, by name. */
export function mirrorDescriptors(): Promise<readonly MirrorDescriptor[]> {
  return readFolder(join(OWN_FOLDER, "mirror"), mirrorSchema);
}

async function readFolder<T>(folder: string, schema: z.ZodType<T>): Promise<readonly T[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  return Promise.all(files.map((file) => readJson(join(folder, file), schema)));
}

/** @throws FILE_NOT_FOUND; DATA_MALFORMED naming the first field that does not fit `schema`. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readTextFile(path, { maxBytes: MAX_DESCRIPTOR_BYTES });
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const where = issue === undefined ? "" : `, ${issue.path.join(".")}: ${issue.message}`;
    throw new BailiwickError(
      "DATA_MALFORMED",
      `${basename(path)} must describe data sets${where}`,
      { path },
      cause,
    );
  }
}
