/**
 * Goal: a Parquet file gives the columns that its writer meant, and a damaged one an error.
 * Method: files by pyarrow (parquet/make.py) of every type, page version and codec, against the
 * values that the script writes; each of them cut and with bytes changed.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readTable, type Table } from "../../src/data/index.ts";
import { BailiwickError } from "../../src/shared/errors.ts";
import { createRng } from "../../src/shared/rng.ts";

const FILES = join(import.meta.dirname, "parquet");
const folder = mkdtempSync(join(tmpdir(), "bailiwick-parquet-"));
afterAll(() => rmSync(folder, { recursive: true }));

const read = async (file: string): Promise<Table> =>
  (await readTable(join(FILES, file), { drop: ["list"] })).table;
const valuesOf = ({ columns }: Table, name: string): readonly unknown[] =>
  Array.from<unknown>(columns.find((column) => column.name === name)!.values);
const rows = [...Array(12).keys()];
const at = (ms: number): string => new Date(ms).toISOString().replace(/\.?0*Z$/, "");
const START_MS = 1_704_067_200_000;

describe.each(["types.parquet", "int96.parquet", "pages2.parquet"])("%s", (file) => {
  test("has the values that pyarrow wrote", async () => {
    const table = await read(file);
    expect(table.nRows).toBe(12);
    const has = (name: string, values: readonly unknown[]) =>
      expect([name, valuesOf(table, name)]).toEqual([name, values]);
    has(
      "i32",
      rows.map((i) => (i === 3 ? Number.NaN : i - 5)),
    );
    has(
      "f32",
      rows.map((i) => i / 8),
    );
    has(
      "f64",
      rows.map((i) => (i === 5 ? Number.NaN : i * 0.1)),
    );
    has(
      "flag",
      rows.map((i) => (i === 7 ? null : String(i % 2 === 0))),
    );
    has(
      "town",
      rows.map((i) => (i === 9 ? null : ["Köln", "Bern", "01234"][i % 3])),
    );
    has(
      "coded",
      rows.map((i) => "ab"[i % 2]),
    );
    has(
      "price",
      rows.map((i) => i / 100),
    );
    has(
      "day",
      rows.map((i) => `2024-01-${String(1 + i).padStart(2, "0")}`),
    );
    has(
      "time",
      rows.map((i) => i),
    );
    has(
      "y",
      rows.map((i) => 2.5 * i),
    );
    expect(valuesOf(table, "ms").slice(1)).toEqual(
      rows.slice(1).map((i) => `${at(START_MS + 1500 * i)}Z`),
    );
    const dates = table.readings?.flatMap(({ column, isDate }) => (isDate ? [column] : []));
    expect(dates).toEqual(["day", "ms", "us", "ns"]);
    expect(valuesOf(table, "us")[3]).toBe("2024-01-01T00:00:04.500003Z");
    expect(valuesOf(table, "ns")[3]).toBe("2024-01-01T00:00:00.000000021Z");
  });

  test("tells a column that no table can hold, unless it is dropped", async () => {
    const reading = readTable(join(FILES, file));
    await expect(reading).rejects.toMatchObject({
      code: "COLUMN_TYPE",
      message: expect.stringContaining('"list"'),
    });
  });

  test("keeps whole numbers beyond a double as texts, where they are keys", async () => {
    const path = join(FILES, file);
    const { table } = await readTable(path, { drop: ["list"], keepTexts: ["i64"] });
    expect(table.spellings?.get("i64")?.texts.get(1)).toBe("9007199254740993");
  });
});

test.each(["none", "gzip", "zstd", "lz4", "brotli"])(
  "pages packed by %s are read",
  async (codec) => {
    const table = await read(`${codec}.parquet`).catch((error: BailiwickError) => error);
    // No file of these has the column, so that dropping it is refused by name.
    expect(table).toMatchObject({ code: "COLUMN_MISSING" });
    const { table: whole } = await readTable(join(FILES, `${codec}.parquet`));
    const first = await read("types.parquet");
    for (const name of ["f64", "town", "y"])
      expect(valuesOf(whole, name)).toEqual(valuesOf(first, name));
  },
);

test("gives durations of every unit in seconds", async () => {
  const table = (await readTable(join(FILES, "durations.parquet"))).table;
  for (const unit of ["s", "ms", "us", "ns"]) {
    expect([unit, valuesOf(table, unit)]).toEqual([unit, [90, Number.NaN, -3]]);
  }
  expect(valuesOf(table, "plain")).toEqual([90_000, 1, -3000]);
});

test("a file that is cut or changed anywhere is read or refused, and nothing else", async () => {
  const rng = createRng(11);
  const path = join(folder, "changed.parquet");
  const names = readdirSync(FILES).filter((name) => name.endsWith(".parquet"));
  const refused = { cut: 0, changed: 0 };
  for (let round = 0; round < 48; round++) {
    const bytes = readFileSync(join(FILES, names[round % names.length]!));
    const place = Math.floor(rng.uniform() * bytes.length);
    const isCut = round % 3 === 0;
    if (!isCut) for (let k = 0; k < 3; k++) bytes[(place + 7 * k) % bytes.length]! ^= 1 << (k + 1);
    writeFileSync(path, isCut ? bytes.subarray(0, place) : bytes);
    try {
      await readTable(path);
    } catch (error) {
      expect(error).toBeInstanceOf(BailiwickError);
      refused[isCut ? "cut" : "changed"] += 1;
    }
  }
  expect(refused.cut).toBe(16);
  expect(refused.changed).toBeGreaterThan(10);
}, 60_000);

test("a file that says it is encrypted, empty, or of another format is refused by name", async () => {
  const path = join(folder, "other.parquet");
  const refusal = async (bytes: Uint8Array): Promise<unknown> => {
    writeFileSync(path, bytes);
    return readTable(path).catch((error: unknown) => error);
  };
  const plain = readFileSync(join(FILES, "none.parquet"));
  const encrypted = Buffer.concat([plain.subarray(0, -4), Buffer.from("PARE")]);
  expect(await refusal(encrypted)).toMatchObject({ message: expect.stringMatching(/encrypted/) });
  expect(await refusal(Buffer.from("a,b\n1,2\n3,4\n"))).toMatchObject({
    message: expect.stringMatching(/PAR1/),
  });
  expect(await refusal(new Uint8Array(0))).toMatchObject({ code: "DATA_EMPTY" });
});
