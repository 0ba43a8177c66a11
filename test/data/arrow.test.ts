/**
 * Goal: Arrow files read as their writers meant them, or are refused with the reason.
 * Method: files that pyarrow and polars wrote (arrow/make.py); the same files cut and damaged.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ColumnTypes,
  parseTable,
  readTable,
  selectTarget,
  type Table,
} from "../../src/data/index.ts";
import { BailiwickError } from "../../src/shared/errors.ts";

const FOLDER = new URL("arrow/", import.meta.url).pathname;

async function read(name: string, types?: ColumnTypes): Promise<Table> {
  return (await readTable(join(FOLDER, name), { types })).table;
}

function numbers(name: string, ...values: number[]): Table["columns"][number] {
  return { type: "number", name, values: Float64Array.from(values) };
}

function texts(name: string, ...values: (string | null)[]): Table["columns"][number] {
  return { type: "category", name, values };
}

const { NaN: none } = Number;
const PLAIN = [
  numbers("x", 1.5, none, none, -2.5e-3),
  numbers("id", 1, 2 ** 53, none, -4),
  numbers("n", 1, 2, 3, 250),
  texts("name", "a", "ä, b", null, null),
  texts("code", "01", "02", "01", "03"),
  texts("kind", "u", "v", null, "u"),
  texts("grade", "10", "20", "10", "30"),
  texts("flag", "true", "false", null, "true"),
  texts("day", "2020-02-29", null, "1969-12-31", "2020-02-29"),
  texts("at", ...new Array(4).fill("2020-02-29T12:30:00Z")),
  numbers("none", none, none, none, none),
];

describe("reading", () => {
  test.each(["plain.arrow", "plain.arrows", "lz4.feather", "zstd.feather"])(
    "%s as pyarrow wrote it: nulls, int64, dictionaries, dates",
    async (name) => {
      expect((await read(name)).columns).toEqual(PLAIN);
    },
  );

  test("the rarer types: half precision, decimals, durations, long and viewed texts", async () => {
    expect((await read("types.arrow")).columns).toEqual([
      numbers("half", 0.5, 1.5),
      numbers("single", 0.25, none),
      numbers("u64", 2 ** 64, 0),
      numbers("price", 12.5, none),
      numbers("wait", 1.5, 2.5),
      numbers("clock", 60, 3600),
      texts("large", "p", "q"),
      texts("view", "short", "longer than twelve bytes"),
      texts("day64", "2020-02-29", "2020-02-29"),
    ]);
  });

  test.each(["polars.arrow", "polars-lz4.arrow", "polars.arrows"])(
    "%s as polars wrote it",
    async (name) => {
      const expected = [
        numbers("x", 1.5, none),
        texts("name", "a", "a name longer than twelve bytes"),
      ];
      expect((await read(name)).columns).toEqual(expected);
    },
  );

  test.each(["delta.arrow", "delta.arrows"])("%s: levels that a later batch adds", async (name) => {
    expect((await read(name)).columns).toEqual([texts("k", "a", "b", "a", "c")]);
  });

  test("a stream that replaces its levels", async () => {
    expect((await read("replaced.arrows")).columns).toEqual([texts("k", "a", "b", "z", "y")]);
  });

  test.each(["polars-categorical.arrow", "polars-categorical.arrows"])(
    "%s: dictionaries behind the batches that use them",
    async (name) => {
      const { columns } = (await readTable(join(FOLDER, name), { drop: ["wide"] })).table;
      expect(columns).toEqual([texts("kind", "u", null, "w"), numbers("wait", 1.5, none, 86_400)]);
      await expect(read(name)).rejects.toMatchObject({ code: "COLUMN_TYPE" });
      await expect(read(name)).rejects.toThrow(
        'column "wide" holds integers of 128 bits, which are not supported; cast or drop it',
      );
    },
  );

  test.each(["s", "ms", "us", "ns"])("durations and times in %s as seconds", async (unit) => {
    expect((await read(`times-${unit}.arrow`)).columns).toEqual([
      numbers("wait", 2, 3600),
      numbers("clock", 2, 3600),
      texts("at", "2020-02-29T12:30:00Z", null),
    ]);
  });

  test("decimals to the nearest double, and as texts with every digit", async () => {
    const [column] = (await read("decimal.arrow")).columns;
    expect(column).toEqual(numbers("long", 12345678901234567000, -0.05));
    const [text] = (await read("decimal.arrow", { long: "category" })).columns;
    expect(text).toEqual(texts("long", "12345678901234567890.25", "-0.05"));
  });

  test("a decimal of a negative scale is not supported, and can be dropped", async () => {
    await expect(read("negative-scale.arrow")).rejects.toThrow(
      'column "big" holds decimals of a negative scale, which are not supported',
    );
    const path = join(FOLDER, "negative-scale.arrow");
    expect((await readTable(path, { drop: ["big"] })).table.columns).toEqual([numbers("x", 1, 2)]);
  });

  test("the index column of pandas is no feature", async () => {
    const table = await read("pandas-index.arrow");
    expect(table.columns.map(({ name }) => name)).toEqual(["x", "y", "__index_level_0__"]);
    const { features } = selectTarget(table, "y", { minRows: 2 });
    expect(features.columns).toEqual([numbers("x", 1, 3)]);
  });

  test("buffers that are compressed in earnest", async () => {
    const { columns, nRows } = await read("many.feather");
    expect(nRows).toBe(3000);
    expect(columns[0]!.values).toEqual(Float64Array.from({ length: 3000 }, (_, i) => i));
    expect(columns[1]!.values[2999]).toBe("row 3");
  });

  test("types can be told: a large int64 as text, digits in text as numbers", async () => {
    const types = { id: "category", code: "number" } as const;
    const { columns } = await read("plain.arrow", types);
    expect(columns[1]).toEqual(texts("id", "1", "9007199254740993", null, "-4"));
    expect(columns[4]).toEqual(numbers("code", 1, 2, 1, 3));
    await expect(read("plain.arrow", { day: "number" })).rejects.toThrow(
      'column "day" must hold numbers, row 1 holds "2020-02-29"',
    );
  });

  test("gzipped on top, and from bytes that start anywhere in memory", async () => {
    const bytes = readFileSync(join(FOLDER, "plain.arrow"));
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(parseTable(shifted, "arrow").columns).toEqual(PLAIN);
    const path = join(tmpdir(), `bailiwick-${process.pid}.feather.gz`);
    writeFileSync(path, gzipSync(bytes));
    expect((await readTable(path)).table.columns).toEqual(PLAIN);
    rmSync(path);
  });
});

describe("refusing", () => {
  test.each([
    ["nested.feather", "COLUMN_TYPE", 'column "tags" must hold numbers, texts'],
    ["binary.feather", "COLUMN_TYPE", "its Arrow type is Binary"],
    ["infinite.feather", "VALUE_NOT_FINITE", 'column "x" must hold finite numbers, row 2'],
    ["empty.feather", "DATA_EMPTY", "must have columns and rows"],
    ["twice.arrow", "COLUMN_DUPLICATE", '"x" names columns 1 and 2'],
    ["version-1.feather", "DATA_MALFORMED", "must be of version 2"],
  ])("%s with %s", async (name, code, message) => {
    await expect(read(name)).rejects.toMatchObject({ code });
    await expect(read(name)).rejects.toThrow(message);
    await expect(read(name)).rejects.toThrow(name);
  });

  test("bytes that are not Arrow, and no bytes", () => {
    expect(() => parseTable(Buffer.from("a,b\n1,2\n"), "arrow")).toThrow("it is neither");
    expect(() => parseTable(new Uint8Array(), "arrow")).toThrow("must not be empty");
  });

  test("a file or stream cut anywhere", () => {
    for (const name of ["plain.arrow", "plain.arrows", "lz4.feather"]) {
      const bytes = readFileSync(join(FOLDER, name));
      for (let length = 0; length < bytes.length; length += 7) {
        expect(() => parseTable(bytes.subarray(0, length), "arrow")).toThrow(BailiwickError);
      }
    }
  });

  test("damage gives a table or an error of ours, never another", () => {
    const files = readdirSync(FOLDER).filter((name) =>
      /plain|types|lz4|zstd|polars|delta|times|decimal/.test(name),
    );
    const damage = fc.tuple(fc.constantFrom(...files), fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(damage, ([name, place, byte]) => {
        const bytes = readFileSync(join(FOLDER, name));
        bytes[place % bytes.length] = byte;
        try {
          expect(parseTable(bytes, "arrow").nRows).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(BailiwickError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
