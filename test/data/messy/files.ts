/**
 * Tables as people and their programs write them, each with the twin that a careful person
 * would make of it by hand. Both hold the same rows in the same order; `clean` is a plain CSV.
 */
import { createRng, type Rng } from "../../../src/shared/rng.ts";

export interface MessyFile {
  readonly trait: string;
  readonly messy: Uint8Array;
  readonly clean: string;
  /** What a target of the twin is in the messy file's unit; itself if not given. */
  readonly inUnits?: (y: number) => number;
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

/** Sums and means below the rows, and where they are from. */
function totals(): MessyFile {
  const { header, rows } = law(N, 19);
  const sum = (j: number): number => rows.reduce((total, row) => total + Number(row[j]), 0);
  const sums = ["Total", "", "", sum(3).toFixed(4)];
  const means = ["Average", "", "", (sum(3) / N).toFixed(4)];
  return {
    trait: "totals and a note",
    messy: Buffer.from(`${text(header, [...rows, sums, means])}Source: the register\n`),
    clean: text(header, rows),
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

/** A target over five decades; the twin has its logarithm, and answers are taken back from it. */
function decades(): MessyFile {
  const { rows } = law(N, 17);
  const header = ["a", "b", "c", "y"];
  const messy = rows.map((row) => [...row.slice(0, 3), Math.exp(1.3 * Number(row[3]))]);
  const clean = rows.map((row) => [...row.slice(0, 3), 1.3 * Number(row[3])]);
  return {
    trait: "a target over decades",
    messy: Buffer.from(text(header, messy)),
    clean: text(header, clean),
    inUnits: Math.exp,
  };
}

/**
 * Names of 500 shops, each with an effect on y; the twin has in their place the mean of y over the
 * other rows of the shop, as a spreadsheet gives it.
 */
function manyLevels(): MessyFile {
  const rng = createRng(18);
  const effects = Array.from({ length: 500 }, () => 1.5 * rng.normal());
  const rows = Array.from({ length: 2000 }, () => {
    const shop = Math.floor(500 * rng.uniform());
    const [a, b] = [rng.uniform(), rng.uniform()];
    const y = 3 * Math.sin(4 * a) + 2 * b + effects[shop]! + 0.3 * rng.normal();
    return { shop, a, b, y };
  });
  const twin = rows.map(({ shop, a, b, y }, i) => {
    const others = rows.filter((row, r) => row.shop === shop && r !== i);
    const total = others.reduce((sum, row) => sum + row.y, 0);
    return [others.length === 0 ? "" : total / others.length, a, b, y];
  });
  return {
    trait: "500 levels",
    messy: Buffer.from(
      text(
        ["shop", "a", "b", "y"],
        rows.map(({ shop, a, b, y }) => [`Shop No. ${shop}`, a, b, y]),
      ),
    ),
    clean: text(["of shop", "a", "b", "y"], twin),
  };
}

const DAY_MS = 86_400_000;

/** A day of three years, its place in the week (Monday is 0) and the year, and an hour. */
interface Drawn {
  readonly ms: number;
  readonly days: number;
  readonly weekday: number;
  readonly ofYear: number;
  readonly hour: number;
}

function drawDay(rng: Rng): Drawn {
  const days = Math.floor(1000 * rng.uniform());
  const ms = Date.UTC(2021, 0, 1) + days * DAY_MS;
  const start = Date.UTC(new Date(ms).getUTCFullYear(), 0, 1);
  const ofYear = (ms - start) / DAY_MS / 365.25;
  // The first of January 2021 is a Friday.
  return { ms, days, weekday: (days + 4) % 7, ofYear, hour: Math.floor(24 * rng.uniform()) };
}

/** What the target owes to the date, and the columns that a person makes of it who knows that. */
type DateLaw = (drawn: Drawn) => { readonly part: number; readonly twin: readonly number[] };

/** Dates beside two inputs; the twin has the columns that matter, and nothing in place of others. */
function dates(
  trait: string,
  seed: number,
  law: DateLaw,
  write: (drawn: Drawn) => string,
): MessyFile {
  const rng = createRng(seed);
  const drawn = Array.from({ length: N }, () => {
    const day = drawDay(rng);
    const [a, b] = [rng.uniform(), rng.uniform()];
    const { part, twin } = law(day);
    const y = 3 * Math.sin(4 * a) + 2 * b + part + 0.3 * rng.normal();
    return { day, twin, cells: [a, b, y] };
  });
  const twinNames = drawn[0]!.twin.map((_, j) => `part ${j}`);
  return {
    trait,
    messy: Buffer.from(
      text(
        ["sold", "a", "b", "y"],
        drawn.map(({ day, cells }) => [write(day), ...cells]),
      ),
    ),
    clean: text(
      [...twinNames, "a", "b", "y"],
      drawn.map(({ twin, cells }) => [...twin, ...cells]),
    ),
  };
}

function iso({ ms }: Drawn): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function dayFirst(drawn: Drawn): string {
  return iso(drawn).split("-").reverse().join(".");
}

function withHour(drawn: Drawn): string {
  return `${iso(drawn)} ${String(drawn.hour).padStart(2, "0")}:00`;
}

const wave = (turns: number): readonly [number, number] => [
  Math.sin(2 * Math.PI * turns),
  Math.cos(2 * Math.PI * turns),
];

const OF_WEEKDAYS = [0, 1, 3, 2, 5, -2, -3];

const DATED_FILES: readonly MessyFile[] = [
  dates(
    "dates: a trend and a season",
    13,
    ({ days, ofYear }) => ({
      part: days / 100 + 3 * wave(ofYear)[0],
      twin: [days, ...wave(ofYear)],
    }),
    iso,
  ),
  dates(
    "dates: another value on each day of the week",
    14,
    ({ weekday }) => ({
      part: OF_WEEKDAYS[weekday]!,
      twin: OF_WEEKDAYS.map((_, d) => (d === weekday ? 1 : 0)),
    }),
    dayFirst,
  ),
  dates(
    "times: a cycle of a day",
    15,
    ({ hour }) => ({ part: 3 * wave(hour / 24)[0], twin: wave(hour / 24) }),
    withHour,
  ),
  dates("dates that say nothing", 16, () => ({ part: 0, twin: [] }), iso),
];

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
  totals(),
  report(),
  decades(),
  manyLevels(),
  ...DATED_FILES,
];
