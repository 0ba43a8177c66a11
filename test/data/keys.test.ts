/**
 * Goal: a key is the text that stands in the file, never a number that merely equals it.
 * Method: identifiers that doubles cannot tell apart, in every format, through the readers.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DataFormat,
  keyReader,
  parseTable,
  selectTarget,
  takeTableRows,
} from "../../src/data/index.ts";
import { quoteNumbers } from "../../src/data/reading/json-numbers.ts";

const ARROW = new URL("arrow/", import.meta.url);

function keys(text: string, format: DataFormat, column: string): readonly (string | null)[] {
  const table = parseTable(Buffer.from(text), format, { keepTexts: [column] });
  return Array.from({ length: table.nRows }, (_, i) => keyReader(table, column)(i));
}

describe("keys are texts", () => {
  test.each<[string, DataFormat, string, readonly (string | null)[]]>([
    ["leading zeros", "csv", "zip\n01234\n1234\n", ["01234", "1234"]],
    ["leading zeros in TSV", "tsv", "zip\tx\n01234\t1\n1234\t2\n", ["01234", "1234"]],
    [
      "whole numbers beyond 2^53",
      "csv",
      "zip\n9007199254740992\n9007199254740993\n",
      ["9007199254740992", "9007199254740993"],
    ],
    [
      "a fraction of zeros, space and a missing cell",
      "csv",
      "zip,x\n 3.0 ,1\n3,1\nNA,1\n",
      ["3.0", "3", null],
    ],
    [
      "JSON numbers beyond 2^53",
      "json",
      '[{"zip": 9007199254740993}, {"zip": 9007199254740992}]',
      ["9007199254740993", "9007199254740992"],
    ],
    [
      "JSON numbers with fractions of zeros",
      "json",
      '{"zip": [3.0, 3, 1e2, "007", null]}',
      ["3.0", "3", "1e2", "007", null],
    ],
    [
      "JSON lines",
      "jsonl",
      '{"zip":9007199254740993}\n{"zip": 9007199254740992 }\n',
      ["9007199254740993", "9007199254740992"],
    ],
    [
      "levels in other spellings than the canonical one",
      "csv",
      "zip\nTrue\n2024-01-01 00:00:00\n",
      ["True", "2024-01-01 00:00:00"],
    ],
  ])("of %s", (_name, format, text, expected) => {
    expect(keys(text, format, "zip")).toEqual(expected);
  });

  test("of Arrow's 64-bit integers", () => {
    const table = parseTable(readFileSync(new URL("plain.arrow", ARROW)), "arrow", {
      keepTexts: "all",
    });
    const keyOf = keyReader(table, "id");
    expect([0, 1, 2, 3].map(keyOf)).toEqual(["1", "9007199254740993", null, "-4"]);
    expect(table.spellings!.get("n")!.texts.size).toBe(0);
  });

  test("refused by name where the file's numbers may have been rounded", () => {
    const bytes = readFileSync(new URL("keys.arrow", ARROW));
    const table = parseTable(bytes, "arrow", { keepTexts: "all" });
    expect(keyReader(table, "small")(1)).toBe("3");
    expect(() => keyReader(table, "double")).toThrow(
      'column "double" must be written as texts or as 64-bit integers to be a key: ' +
        "the number in row 2 may have been rounded",
    );
    expect(() => keyReader(table, "single")).toThrow(
      expect.objectContaining({ code: "COLUMN_TYPE" }),
    );
    expect(() => keyReader(table, "dubble")).toThrow('the nearest is "double"');
    expect(() => parseTable(bytes, "arrow", { types: { double: "category" } })).toThrow(
      'column "double" must be written as texts or as 64-bit integers to be a category: row 2',
    );
  });

  test("without texts that were kept, exact as long as doubles are", () => {
    const table = parseTable(Buffer.from("id,n\n1,9007199254740993\n2,1\n"), "csv");
    expect(keyReader(table, "id")(1)).toBe("2");
    expect(() => keyReader(table, "n")).toThrow("row 1 may have been rounded");
  });

  test("in groups, and in rows that are taken from a table", () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i % 2 === 0 ? "01" : "1"},${i},${i}`);
    const text = Buffer.from(`g,x,t\n${rows.join("\n")}\n`);
    const table = parseTable(text, "csv", { keepTexts: ["g"] });
    expect(selectTarget(table, "t", { group: "g" }).groups!.slice(0, 3)).toEqual(["01", "1", "01"]);
    const taken = takeTableRows(table, [3, 2]);
    expect([0, 1].map(keyReader(taken, "g"))).toEqual(["1", "01"]);
    expect(taken.columns[1]!.values).toEqual(Float64Array.of(3, 2));
  });

  test("of dropped columns too, which are no features and may hold anything", () => {
    const bytes = readFileSync(new URL("nested.feather", ARROW));
    const drop = ["tags"];
    expect(parseTable(bytes, "arrow", { drop }).columns.map(({ name }) => name)).toEqual(["x"]);
    const all = parseTable(bytes, "arrow", { drop, keepTexts: "all" });
    expect(all.columns.map(({ name }) => name)).toEqual(["x"]);
    const csv = Buffer.from("id,x\n007,1\n7,2\n");
    const kept = parseTable(csv, "csv", { drop: ["id"], keepTexts: "all" });
    expect([0, 1].map(keyReader(kept, "id"))).toEqual(["007", "7"]);
    expect(() => parseTable(csv, "csv", { drop: ["ix"] })).toThrow('the nearest is "id"');
    expect(parseTable(csv, "csv", { only: ["x"] }).columns).toHaveLength(1);
  });
});

describe("numbers in JSON", () => {
  test("keep every digit, and nothing else changes", () => {
    const text = '[1, 1.50, -0, "1.50 \\" 2.0", {"9.0": 12345678901234567890, "a": 1e400}]';
    expect(quoteNumbers(text)).toBe(
      '[1, "1.50", "-0", "1.50 \\" 2.0", {"9.0": "12345678901234567890", "a": "1e400"}]',
    );
  });

  test.each(["[01.0]", "{1.0: 2}", "[1.0 2.0]", "[1.2.3]", "[1.0", '{"a" 1.0}', "[-]", '["\\'])(
    "%s is not JSON, and stays so",
    (text) => {
      expect(() => JSON.parse(quoteNumbers(text))).toThrow();
    },
  );

  test("any JSON reads to the same values", () => {
    const numbers = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_key, member) =>
        typeof member === "string" && /^-?\d/.test(member) && Number.isFinite(Number(member))
          ? Number(member)
          : member,
      );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(numbers(JSON.parse(quoteNumbers(text)))).toEqual(numbers(JSON.parse(text)));
      }),
    );
  });
});

test("texts that the numbers give back are not kept twice", () => {
  const text = `a,b\n${"17,0.25\n".repeat(1000)}`;
  const { spellings } = parseTable(Buffer.from(text), "csv", {
    keepTexts: "all",
  });
  expect([...spellings!.values()].map(({ texts }) => texts.size)).toEqual([0, 0]);
});
