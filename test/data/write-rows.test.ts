/**
 * Goal: columns are written in their order, and cells of the user's file as they stand in it.
 * Method: cells by hand whose text a double would not give back; the bytes read back by the readers.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  carriedColumn,
  formatRows,
  type OutputColumn,
  parseTable,
  type RowFormat,
} from "../../src/data/index.ts";

const texts = (...cells: (string | null)[]): OutputColumn => ({ name: "t", type: "text", cells });

describe("a carried column", () => {
  test.each([
    ["whole numbers", ["7", "-12", "9223372036854775807"], "whole"],
    ["numbers that a double gives back", ["1.5", "1e+21", "-0.25"], "number"],
    ["a leading zero", ["7", "007"], "text"],
    ["a trailing zero", ["2.50"], "text"],
    ["more than 64 bits", ["9223372036854775808"], "text"],
    ["digits that a double drops", ["0.10000000000000000001"], "text"],
    ["space beside a number", [" 7"], "text"],
    ["a mark among numbers", ["7", "NA"], "text"],
    ["true and false as texts", ["true", "false"], "text"],
    ["nothing", [null, ""], "text"],
  ] as const)("of %s is as its texts are", (_what, cells, type) => {
    expect(carriedColumn("c", cells, { isId: false })).toMatchObject({
      type,
      cells: cells.map((cell) => (cell === "" ? null : cell)),
    });
    expect(carriedColumn("c", cells, { isId: true }).type).toBe("text");
  });

  test("of a file with types keeps them, as an identifier too", () => {
    const typeOf = (...cells: unknown[]) => carriedColumn("c", cells, { isId: true }).type;
    expect(typeOf(1n, 9007199254740993n, null)).toBe("whole");
    expect(typeOf(1, 2.5, Number.NaN)).toBe("number");
    expect(typeOf(true, null, false)).toBe("boolean");
    expect(typeOf(true, 1)).toBe("text");
  });
});

describe("rows", () => {
  const columns: readonly OutputColumn[] = [
    { name: "b", type: "text", cells: ['a "q", b', null, "é\n2"] },
    { name: "2020", type: "whole", cells: ["9007199254740993", "0", null] },
    { name: "__proto__", type: "number", cells: Float64Array.of(0.1, -2, Number.NaN) },
    { name: "ok", type: "boolean", cells: [true, null, false] },
  ];

  test("of JSON are objects in the columns' order, numbers with all their digits", () => {
    const lines = String(formatRows("json", columns)).split("\n");
    expect(lines[1]).toBe(
      '{"b": "a \\"q\\", b", "2020": 9007199254740993, "__proto__": 0.1, "ok": true},',
    );
    expect(lines[3]).toBe('{"b": "é\\n2", "2020": null, "__proto__": null, "ok": false}');
  });

  test("of Arrow have types and missing cells", () => {
    const bytes = formatRows("arrow", columns);
    expect(bytes).toBeInstanceOf(Uint8Array);
    const read = parseTable(Buffer.from(bytes), "arrow", { carry: ["2020", "ok"] });
    expect(read.columns.map(({ name, type }) => [name, type])).toEqual([
      ["b", "category"],
      ["2020", "number"],
      ["__proto__", "number"],
      ["ok", "category"],
    ]);
    expect([...Array.from(read.carried!.get("2020")!)]).toEqual([9007199254740993n, 0n, null]);
    expect(read.columns[0]!.values).toEqual(['a "q", b', null, "é\n2"]);
  });

  test.each(["csv", "json", "arrow"] as const)(
    "of %s read back as they were",
    (format: RowFormat) => {
      const cell = fc.oneof(
        fc.string({ minLength: 1, maxLength: 6 }).map((text) => `<${text}>`),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      );
      fc.assert(
        fc.property(fc.array(cell, { minLength: 1, maxLength: 9 }), (cells) => {
          const bytes = Buffer.from(formatRows(format, [texts(...cells)]));
          const { carried } = parseTable(bytes, format, { carry: ["t"], separator: "," });
          expect(Array.from(carried!.get("t")!)).toEqual(cells);
        }),
      );
    },
  );
});

test("a column is carried whatever it holds, and one that is not there is named", () => {
  const file = Buffer.from("x,when\n1,2024-01-02\n2,02/13/2024\n3,13/02/2024\n");
  const { columns, carried } = parseTable(file, "csv", { only: ["x"], carry: ["when"] });
  expect(columns.map(({ name }) => name)).toEqual(["x"]);
  expect(Array.from(carried!.get("when")!)).toEqual(["2024-01-02", "02/13/2024", "13/02/2024"]);
  expect(() => parseTable(file, "csv", { carry: ["wen"] })).toThrow('the nearest is "when"');
});
