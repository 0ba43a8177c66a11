/**
 * Tables as people and their programs write them, each with the twin that a careful person
 * would make of it by hand. Both hold the same rows in the same order; `clean` is a plain CSV.
 */
import { createRng } from "../../../src/shared/rng.ts";

export interface MessyFile {
  readonly trait: string;
  readonly messy: Uint8Array;
  readonly clean: string;
}

type Cell = string | number;
type Rows = readonly (readonly Cell[])[];

interface Law {
  readonly header: readonly string[];
  /** The last cell is the target. */
  readonly rows: Rows;
}

/** Some inputs a, b, c, and y with a little noise. */
function law(nRows: number, seed: number): Law {
  const rng = createRng(seed);
  const rows = Array.from({ length: nRows }, () => {
    const [a, b, c] = [100 + 9000 * rng.uniform(), rng.uniform(), Math.round(40 * rng.uniform())];
    const y = 3 * Math.sin(a / 1500) + 4 * b + (c > 20 ? 2 : 0) + 0.1 * rng.normal();
    return [Number(a.toFixed(2)), Number(b.toFixed(4)), c, Number(y.toFixed(4))];
  });
  return { header: ["a", "b", "c", "y"], rows };
}

function text(header: readonly Cell[], rows: Rows, separator = ",", end = "\n"): string {
  return `${[header, ...rows].map((row) => row.join(separator)).join(end)}${end}`;
}

const N = 150;

/** The law's rows, with every row's cells written by `write`, and their plain twin. */
function spelled(
  trait: string,
  seed: number,
  write: (row: readonly Cell[], i: number) => readonly Cell[],
  encode: (text: string) => Uint8Array = Buffer.from,
): MessyFile {
  const { header, rows } = law(N, seed);
  const messy = text(header, rows.map(write));
  return { trait, messy: encode(messy), clean: text(header, rows) };
}

function grouped(value: Cell): string {
  const [whole = "", fraction] = Number(value).toFixed(2).split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${fraction}`;
}

/** A text of digits with a decimal comma. */
function comma(value: Cell): string {
  return String(value).replace(".", ",");
}

function semicolons(): MessyFile {
  const { header, rows } = law(N, 1);
  const messy = text(
    header,
    rows.map((row) => row.map(comma)),
    ";",
  );
  return {
    trait: "semicolons and decimal commas",
    messy: Buffer.from(messy),
    clean: text(header, rows),
  };
}

/** Every 15th cell of a column is a mark; the twin has an empty cell there. */
function strays(): MessyFile {
  const { header, rows } = law(N, 4);
  const marked = (mark: string): Rows =>
    rows.map((row, i) => row.map((cell, j) => (j < 2 && i % 15 === 7 * j ? mark : cell)));
  const messy = marked("-").map((row, i) => (i === 7 ? ["n.a.", ...row.slice(1)] : row));
  const clean = marked("").map((row, i) => (i === 7 ? ["", ...row.slice(1)] : row));
  return {
    trait: "stray marks",
    messy: Buffer.from(text(header, messy)),
    clean: text(header, clean),
  };
}

/** A number and a name for every row, which the twin lacks. */
function identifiers(): MessyFile {
  const { header, rows } = law(N, 6);
  const messy = rows.map((row, i) => [`${10_000 + i}`, `Probe ${(i * 7919) % 1000}-${i}`, ...row]);
  return {
    trait: "identifiers",
    messy: Buffer.from(text(["id", "name", ...header], messy)),
    clean: text(header, rows),
  };
}

function utf16(content: string): Uint8Array {
  return Buffer.from(`\ufeff${content.replaceAll("\n", "\r")}`, "utf16le");
}

function index(): MessyFile {
  const { header, rows } = law(N, 8);
  const messy = text(
    ["", ...header],
    rows.map((row, i) => [i, ...row]),
  );
  return { trait: "an index without a name", messy: Buffer.from(messy), clean: text(header, rows) };
}

/** Yes and no in mixed case, with zones of time beside them; the twin has 0 and 1. */
function booleans(): MessyFile {
  const { rows } = law(N, 9);
  const flag = (row: readonly Cell[]): boolean => Number(row[2]) % 2 === 0;
  const y = (row: readonly Cell[]): number => Number(row[3]) + (flag(row) ? 3 : 0);
  const header = ["a", "b", "flag", "y"];
  return {
    trait: "booleans",
    messy: Buffer.from(
      text(
        header,
        rows.map((row, i) => {
          const word = flag(row)
            ? i % 3 === 0
              ? "TRUE"
              : "True"
            : i % 3 === 0
              ? "false"
              : "False";
          return [row[0]!, row[1]!, word, y(row)];
        }),
      ),
    ),
    clean: text(
      header,
      rows.map((row) => [row[0]!, row[1]!, flag(row) ? 1 : 0, y(row)]),
    ),
  };
}

/** Rows that stand there twice; the twin has each once. */
function duplicates(): MessyFile {
  const { header, rows } = law(N, 11);
  const twice = rows.flatMap((row, i) => (i % 5 === 0 ? [row, row] : [row]));
  return {
    trait: "duplicates",
    messy: Buffer.from(text(header, twice)),
    clean: text(header, rows),
  };
}

/** A title, a comment, units below the header, separators at the ends and brackets as minus. */
function report(): MessyFile {
  const { header, rows } = law(N, 12);
  const bracketed = (value: number): string => (value < 0 ? `(${-value})` : `${value}`);
  const lines = rows.map(([a, b, c, y]) => [a!, b!, c!, bracketed(Number(y)), ""]);
  const messy = `Report of 2024\n# by hand\n\n${header.join(";")};\nmm;-;kg;m/s;\n${lines
    .map((line) => line.join(";"))
    .join("\r\n")}\r\n`;
  return { trait: "a report", messy: Buffer.from(messy), clean: text(header, rows) };
}

export const MESSY_FILES: readonly MessyFile[] = [
  semicolons(),
  spelled("per cents", 2, ([a, b, c, y]) => [a!, `${(100 * Number(b)).toFixed(2)} %`, c!, y!]),
  spelled("dollars and thousands", 3, ([a, ...others]) => [`"$${grouped(a!)}"`, ...others]),
  strays(),
  identifiers(),
  spelled("UTF-16 with CR", 7, (row) => row, utf16),
  index(),
  booleans(),
  spelled(
    "spaces between thousands, euros, Latin-1",
    10,
    ([a, ...others]) => {
      const euros = `${grouped(a!).replaceAll(",", "\u00a0")} EUR`;
      return [euros, ...others];
    },
    (content) => Buffer.from(content, "latin1"),
  ),
  duplicates(),
  report(),
];
