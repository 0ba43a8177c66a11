/**
 * Goal: a file that people and their programs wrote is read as a person reads it, or refused with
 * the reason.
 * Method: the same small table in many spellings; each refusal once.
 */
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  describeReading,
  fitPreprocessing,
  type Preprocessing,
  parseTable,
  schemaOptions,
  selectTarget,
  type Table,
  tableFromRecords,
} from "../../src/data/index.ts";

function read(content: string | Uint8Array, options: Parameters<typeof parseTable>[2] = {}): Table {
  return parseTable(typeof content === "string" ? Buffer.from(content) : content, "csv", options);
}

function utf16(text: string, isBigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return isBigEndian ? bytes.swap16() : bytes;
}

const PLAIN = read("a,b\n1.5,ä\n2,y\n-3,\n").columns;

describe("a text", () => {
  test.each<[string, string | Uint8Array]>([
    ["with semicolons and decimal commas", "a;b\n1,5;ä\n2;y\n-3;\n"],
    ["with tabs", "a\tb\n1.5\tä\n2\ty\n-3\t\n"],
    ["with bars", "a|b\n1.5|ä\n2|y\n-3|\n"],
    ["with a byte order mark", "\ufeffa,b\n1.5,ä\n2,y\n-3,\n"],
    ["in UTF-16, little end first", utf16("a,b\n1.5,ä\n2,y\n-3,\n", false)],
    ["in UTF-16, big end first", utf16("a,b\n1.5,ä\n2,y\n-3,\n", true)],
    ["in Latin-1", Buffer.from("a,b\n1.5,ä\n2,y\n-3,\n", "latin1")],
    ["with CR alone", "a,b\r1.5,ä\r2,y\r-3,\r"],
    ["with an index that has no name", ",a,b\n0,1.5,ä\n1,2,y\n2,-3,\n"],
    ["with names of rows, as R writes them", "a,b\n1,1.5,ä\n2,2,y\n3,-3,\n"],
    ["with a separator at each line's end", "a,b,\n1.5,ä,\n2,y,\n-3,,\n"],
    ["with a separator at each row's end", "a,b\n1.5,ä,\n2,y,\n-3,,\n"],
    ["with comments", "# made by hand\na,b\n1.5,ä\n# a note\n2,y\n-3,\n"],
    ["with a commented header", "# a,b\n1.5,ä\n2,y\n-3,\n"],
  ])("%s is the same table", (_name, content) => {
    expect(read(content).columns).toEqual(PLAIN);
  });

  test("with characters that nobody sees is the same table, and so are its names", () => {
    const content = "\u200ba,\u00a0b\u00a0\n1.5\u200b,ä\u00a0\n\u20602,\u200by\n-3,\u200b\n";
    expect(read(content).columns).toEqual(PLAIN);
    const table = read("my\u00a0city,n\nNew\u00a0York,1\nNew York,2\nBo\u00adnn,3\n");
    expect(table.columns[0]).toEqual({
      type: "category",
      name: "my city",
      values: ["New York", "New York", "Bonn"],
    });
  });

  test.each([
    ["of joined files", Array.from({ length: 40 }, (_, i) => i % 20)],
    ["of rows of which some are copies", [...Array(40).keys(), 3, 4, 17]],
  ])("with row numbers %s is read without them", (_name, numbers) => {
    const table = read(`,a,y\n${numbers.map((i) => `${i},${i}.5,1`).join("\n")}\n`);
    expect(table.columns.map(({ name }) => name)).toEqual(["a", "y"]);
    expect(table.notes?.[0]).toContain("the first column has no name and counts the rows");
  });

  test("with a column of few levels and no name is refused", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i % 4},${i}`);
    expect(() => read(`,y\n${lines.join("\n")}\n`)).toThrow("column 1 of 2 has none");
  });

  test("with a title above three columns or more begins at its header", () => {
    const table = read("Sales 2024\n\na,b,c\n1,2,3\n4,5,6\n");
    expect(table.columns.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(table.notes).toEqual(["left out above the header: 1 line"]);
  });

  test.each(["Source: the grid\n", "\nprinted", "# a comment\n\nSource: the grid\n# another\n"])(
    "with notes below three columns or more ends at its rows: %j",
    (notes) => {
      const table = read(`a,b,c\n1,2,3\n4,5,6\n${notes}`);
      expect(table.nRows).toBe(2);
      expect(table.notes?.[0]).toContain("left out below the rows");
    },
  );

  test.each(["4", "four", "four five"])("that is cut in a line is refused: %j", (cut) => {
    expect(() => read(`a,b,c\n1,2,3\n4,5,6\n${cut}`)).toThrow("every row must have 3 cells");
  });

  test("with units below its header is read without them", () => {
    const table = read("length,mass,kind\nmm,kg,\n1,2,x\n3,4,y\n5,6,x\n");
    expect(table.nRows).toBe(3);
    expect(table.columns[0]!.values).toEqual(Float64Array.of(1, 3, 5));
  });

  test("with units and descriptions below its header is read without them", () => {
    const table = read("x,z,y\nm,kg,s\nleft arm,scale,clock\n1,2,3\n4,5,6\n7,8,9\n");
    expect(table.nRows).toBe(3);
    expect(table.columns[1]!.values).toEqual(Float64Array.of(2, 5, 8));
    expect(table.notes?.[0]).toMatch(/^each of the first 2 rows below the names holds no numbers/);
  });

  test.each([
    ["of numbers alone", "1.5,2\n2.5,3\n3.5,5\n", true],
    ["with a text that stands below too", "1.5,2,a\n2.5,3,b\n3.5,5,a\n", true],
    ["with a date", "1.5,2,2024-01-01\n2.5,3,2024-01-02\n3.5,5,2024-01-03\n", true],
    ["with names of some columns", "1.5,2,a\n2.5,3,4\n3.5,5,6\n", false],
    ["with numbers of columns", "0,1,2\n2.5,3,4\n3.5,5,6\n", false],
    ["with wavelengths", "400,402.5,405\n2.5,3,4\n3.5,5,6\n", false],
  ])("whose first row looks like data says so: %s", (_name, content, isTold) => {
    const { notes = [] } = read(content);
    expect(notes.some((note) => note.includes("the first row looks like data"))).toBe(isTold);
  });

  test("whose first row looks like data says so where a column is missing", () => {
    const table = read(`${Array.from({ length: 20 }, (_, i) => `${i * i},${i % 7}`).join("\n")}\n`);
    const advice = "put a line with the names of the columns above it";
    expect(() => selectTarget(table, "y")).toThrow(advice);
    expect(() => read("1.5,2\n2.5,3\n3.5,5\n", { only: ["y"] })).toThrow(advice);
  });

  test("with groups of columns above its header takes the names below", () => {
    const table = read("inputs,,output\nx,z,y\n1,2,3\n3,4,5\n5,6,7\n");
    expect(table.columns.map(({ name }) => name)).toEqual(["x", "z", "y"]);
  });
});

describe("a name that stands in the header again", () => {
  const namesOf = (content: string) => read(content).columns.map(({ name }) => name);
  const rows = "1,2,3,4\n2,4,5,5\n3,1,2,4\n";

  test("gets a number that no other column has", () => {
    const table = read(`a,b,a,a (2)\n${rows}`);
    expect(table.columns.map(({ name }) => name)).toEqual(["a", "b", "a (3)", "a (2)"]);
    expect(table.notes).toEqual(['one more column is named "a": read as "a (3)"']);
  });

  test("gets its unit where a second row has some", () => {
    expect(namesOf(`pH,c,c,y\n-,mg/L,mol/L,-\n${rows}`)).toEqual([
      "pH",
      "c (mg/L)",
      "c (mol/L)",
      "y",
    ]);
    expect(namesOf(`a,a,b,b\nx,y,x,y\n${rows}`)).toEqual(["a (x)", "a (y)", "b (x)", "b (y)"]);
  });

  test("is refused for the target, and is read alike in later files", () => {
    const table = read(`y,a,a,y\n${rows}`);
    expect(() => selectTarget(table, "y", { minRows: 2 })).toThrow('"y" stands there again');
    expect(selectTarget(table, "a (2)", { minRows: 2 }).y).toEqual(Float64Array.of(3, 5, 2));
  });
});

describe("rows that sum up the rows above", () => {
  const rows = [3, 5, 4, 9, 2, 7].map((y, i) => `2024-01-0${i + 1},${10 - i},k${i % 2},${y}`);
  const withRows = (...last: readonly string[]) =>
    read(`${["day,x,kind,y", ...rows, ...last].join("\n")}\n`);

  test.each([
    ["a label", ["Total,,,30"]],
    ["a label in another column", [",,Summe,"]],
    ["a label, every number summed", ["Grand total:,45,,30"]],
    ["a sum without a label", [",,,30"]],
    ["several labels", ["Total,,,30", "Average,,,5.0", "Maximum,,,9"]],
  ])("are left out: %s", (_name, last) => {
    const table = withRows(...last);
    expect(table.nRows).toBe(6);
    expect(table.notes?.[0]).toMatch(
      last.length === 1 ? /^the last row sums up/ : /^the last 3 row/,
    );
  });

  test.each([
    ["a row with gaps", "2024-01-07,,,8"],
    ["a row with gaps, its number the mean", ",,,5"],
    ["a label that is a level too", "2024-01-07,4,total,8"],
    ["a number that is the sum by chance", "2024-01-07,4,k1,30"],
  ])("are not confused with %s", (_name, last) => {
    const table = withRows(last);
    expect([table.nRows, table.notes]).toEqual([7, undefined]);
  });

  test("are told from a level that other rows have", () => {
    const table = withRows("2024-01-07,4,total,8", ",,total,");
    expect(table.nRows).toBe(8);
  });

  test("may have decimal commas, and a label in the index", () => {
    const lines = [1.5, 1000.25, 3, 4, 5].map((y, i) => `${i};x${i};${y}`.replace(".", ","));
    const table = read([";a;y", ...lines, "Summe;;1.013,75"].join("\n"));
    expect(table.columns.map(({ name }) => name)).toEqual(["a", "y"]);
    expect(table.nRows).toBe(5);
  });
});

describe("numbers", () => {
  test.each([
    ["$1,234.50", 1234.5],
    ["1,234,567", 1234567],
    ["1 234,5", 1234.5],
    ["1\u00a0234.5", 1234.5],
    ["1'234.5", 1234.5],
    ["1.234,56 €", 1234.56],
    ["(1,234)", -1234],
    ["$(1,234.5)", -1234.5],
    ["(1.234,56) €", -1234.56],
    ["12 %", 12],
    ["+5", 5],
    ["\u22125", -5],
    ["5-", -5],
    ["1e3", 1000],
    ["3.2 kg", 3.2],
    ["EUR 12.5", 12.5],
  ])("%s is %d", (text, value) => {
    const table = read(`a,b\n"${text}",1\n7,2\n`);
    expect(table.columns[0]!.values).toEqual(Float64Array.of(value, 7));
  });

  test("that can be read in two ways follow the column, the others, and the separator", () => {
    expect(read("a;b\n1.234;0,5\n5.000;0,25\n").columns[0]!.values).toEqual(
      Float64Array.of(1234, 5000),
    );
    expect(read('a,b\n"1,234",0.5\n"5,000",0.25\n').columns[0]!.values).toEqual(
      Float64Array.of(1234, 5000),
    );
    expect(read("a;b\n1,234;x\n5,000;y\n").columns[0]!.values).toEqual(Float64Array.of(1.234, 5));
    expect(read("a;b\n1,234;x\n5,000;y\n", { decimal: "." }).columns[0]!.values).toEqual(
      Float64Array.of(1234, 5000),
    );
  });

  test.each(["0x10", "1,23,4", "3.0.1", "5 - 7", "A12", "1_000"])("%s is none", (text) => {
    expect(read(`a,b\n"${text}",1\n"${text}",2\n`).columns[0]!.type).toBe("category");
  });

  test("of two units are none, and a target names both", () => {
    const table = read("y,x\n500 g,1\n1 kg,2\n700 g,3\n2 kg,4\n");
    expect(table.columns[0]!.type).toBe("category");
    expect(() => selectTarget(table, "y", { minRows: 1 })).toThrow('found "500 g" and "1 kg"');
  });

  test("of one unit in two spellings are numbers", () => {
    const table = read("y,t\n80 m²,5 °C\n75.5 m2,4 ºC\n");
    expect(table.columns.map(({ values }) => [...values])).toEqual([
      [80, 75.5],
      [5, 4],
    ]);
  });

  test("times of day are seconds", () => {
    expect(read("t,x\n01:30,1\n13:00:05,2\n").columns[0]!.values).toEqual(
      Float64Array.of(5400, 46_805),
    );
  });
});

describe("codes with leading zeros", () => {
  const column = (cells: readonly string[]): Table => {
    return read(`c,n\n${cells.map((cell, i) => `${cell},${i}`).join("\n")}\n`);
  };

  test("of one length are levels, which a warning says", () => {
    const table = column(["01234", "10115", "02139", "", "12345-678", ...Array(9).fill("94110")]);
    expect(table.columns[0]).toMatchObject({ type: "category" });
    expect(table.columns[0]!.values.slice(0, 5)).toEqual([
      ...["01234", "10115", "02139", null],
      "12345-678",
    ]);
    expect(describeReading(table)).toEqual([
      'column "c" is read as a category: its cells are codes with leading zeros, "01234" for ' +
        'example; --types "c=number" reads numbers',
    ]);
    const numbers = read("c\n01234\n02139\n", { types: { c: "number" } });
    expect(numbers.columns[0]!.values).toEqual(Float64Array.of(1234, 2139));
  });

  test("of the target are numbers", () => {
    const table = read(
      `y,n\n${Array.from({ length: 12 }, (_, i) => `00${10 + i},${i}`).join("\n")}\n`,
    );
    const { y, features } = selectTarget(table, "y");
    expect(y[3]).toBe(13);
    expect(describeReading(features, "y")).toEqual([]);
  });

  test.each([
    ["decimals", ["0.5", "007.5", "0.25"]],
    ["one zero", ["0", "0", "1"]],
    ["numbers of other lengths", ["0012", "0013", "14"]],
    ["negative numbers", ["-0012", "0013", "0014"]],
    ["angles of three digits", ["080", "005", "270"]],
    ["hours and minutes", ["0930", "1415", "0005"]],
    ["hours, minutes and seconds", ["093000", "141559", "000501"]],
    ["days and months", ["010224", "311299", "050100"]],
    ["days of a century", ["01022024", "31121999", "05012000"]],
    ["one odd cell among many", ["00012", ...Array(99).fill("12345")]],
  ])("are not %s", (_name, cells) => {
    const [first] = column(cells).columns;
    expect(first!.type).toBe("number");
  });
});

describe("dates", () => {
  test.each([
    ["2024-03-05,2024-12-31", ["2024-03-05", "2024-12-31"]],
    ["05.03.2024,31.12.2024", ["2024-03-05", "2024-12-31"]],
    ["3/5/2024,12/31/2024", ["2024-03-05", "2024-12-31"]],
    ["5 Mar 2024,31 December 2024", ["2024-03-05", "2024-12-31"]],
    ["20240305,20241231", ["2024-03-05", "2024-12-31"]],
    ["2024-W01,2024-W10-2", ["2024-01-01", "2024-03-05"]],
    ["2024-03-05T10:00+02:00,2024-03-06 1:30 PM", ["2024-03-05T08:00:00Z", "2024-03-06T13:30:00Z"]],
  ])("%s are moments", (texts, moments) => {
    const rows = texts.split(",").map((text, i) => `${text},${i}`);
    expect(read(`d,x\n${rows.join("\n")}\n`).columns[0]!.values).toEqual(moments);
  });

  test("in two forms are refused with both, unless they are to be levels", () => {
    const text = "d,x\n2024-03-05,1\n05/03/2024,2\n31/12/2024,3\n";
    expect(() => read(text)).toThrow(
      'line 2 has "2024-03-05" (year first) and line 4 has "31/12/2024" (day first)',
    );
    expect(read(text, { types: { d: "category" } }).columns[0]!.type).toBe("category");
    expect(() => read("d,x\n31/12/2024,1\n12/31/2024,2\n")).toThrow("(month first)");
  });

  test.each(["2024-03-05", "5 Mar 2024", "20240305"])(
    "are refused where some are like %s and others do not tell day from month",
    (date) => {
      const text = `d,x\n${date},1\n05/03/2024,2\n`;
      expect(() => read(text)).toThrow('line 3 has "05/03/2024" (day or month)');
    },
  );

  test("become features that rows of a program have too", () => {
    const days = Array.from({ length: 30 }, (_, i) => `${String(i + 1).padStart(2, "0")}.01.2024`);
    const table = read(`d;y\n${days.map((day, i) => `${day};${i}`).join("\n")}\n`);
    const { features, y } = selectTarget(table, "y");
    expect(features.columns.map(({ name }) => name)).toContain("d (weekend)");
    const learnt = fitPreprocessing(features, y, Int32Array.from(y.keys()), "y");
    const X = applyPreprocessing(learnt, features);
    const records = days.map((d) => ({ d }));
    expect(applyPreprocessing(learnt, tableFromRecords(records, learnt))).toEqual(X);
    const one = applyPreprocessing(learnt, tableFromRecords([{ d: "2024-01-05" }], learnt));
    expect([...one.values]).toEqual([...X.values.subarray(4 * X.nColumns, 5 * X.nColumns)]);
    expect(() => tableFromRecords([{ d: "soon" }], learnt)).toThrow('row 1 holds "soon"');
  });
});

describe("what is learnt from a file", () => {
  test("reads later rows alike: decimal commas, per cents and marks", () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},5 %;${i}`);
    rows[3] = "broken;3";
    const { features, y } = selectTarget(read(`p;y\n${rows.join("\n")}\n`), "y");
    const learnt: Preprocessing = fitPreprocessing(features, y, Int32Array.from(y.keys()), "y");
    expect(learnt.readings).toEqual([{ column: "p", decimal: ",", marks: ["broken"], unit: "%" }]);
    const table = tableFromRecords(
      [{ p: "1.234,5 %" }, { p: "1.234" }, { p: 0.5 }, { p: "broken" }],
      learnt,
    );
    expect(table.columns[0]!.values).toEqual(Float64Array.of(1234.5, 1234, 0.5, Number.NaN));
    expect(() => tableFromRecords([{ p: "much" }], learnt)).toThrow('row 1 holds "much"');
  });

  test("refuses numbers in another unit, and names those of a few cells", () => {
    const lines = Array.from({ length: 30 }, (_, i) => `${i} kg,${i}`);
    const { features, y } = selectTarget(read(`m,y\n${lines.join("\n")}\n`), "y");
    const learnt = fitPreprocessing(features, y, Int32Array.from(y.keys()), "y");
    const message = 'column "m" must hold numbers in the unit kg';
    expect(() => tableFromRecords([{ m: "500 g" }], learnt)).toThrow(
      `${message}, row 1 holds "500 g"`,
    );
    expect(
      tableFromRecords([{ m: "5 kg" }, { m: 5 }, { m: "5" }], learnt).columns[0]!.values,
    ).toEqual(Float64Array.of(5, 5, 5));
    const later = (cells: readonly string[]) =>
      read(`m\n${cells.join("\n")}\n`, schemaOptions(learnt));
    expect(() => later(["500 g", "700 g"])).toThrow(`${message}, line 2 holds "500 g"`);
    const { columns, strays } = later([...Array(20).fill("5 kg"), "500 g"]);
    expect(columns[0]!.values.at(-1)).toBeNaN();
    expect(strays![0]!.cells).toEqual([{ text: "500 g", place: "line 22" }]);
  });
});

test("a column that was empty may hold anything later, without effect", () => {
  const table = read("a,note\n1,\n2,\n3,\n");
  const learnt = fitPreprocessing(table, Float64Array.of(2, 4, 5), Int32Array.of(0, 1, 2), "y");
  const of = (note: string) =>
    applyPreprocessing(learnt, read(`a,note\n1,${note}\n2,\n`, schemaOptions(learnt)));
  for (const note of ["replaced", "7", "2024-01-05"]) expect(of(note)).toEqual(of(""));
});

test("windows-1252 has euros, dashes and quotes where Latin-1 has controls", () => {
  const prices = Buffer.from(
    "name;price\n\u0093a\u0094 \u0096 b;1,50 \u0080\nc;2,00 \u0080\n",
    "latin1",
  );
  const [names, values] = read(prices).columns;
  expect(names!.values[0]).toBe("\u201ca\u201d \u2013 b");
  expect(values!.values).toEqual(Float64Array.of(1.5, 2));
});

describe("a file is refused", () => {
  test.each<[string, Uint8Array, string]>([
    ["that is half binary", Buffer.from("a,b\n1,2\n3,\0\u0007\n"), "line 3 holds the control"],
    [
      "in two encodings",
      Buffer.concat([Buffer.from("a,b\n1,ä\n"), Buffer.from("2,ö\n", "latin1")]),
      "line 2 is UTF-8 and line 3 windows-1252",
    ],
  ])("%s", (_name, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
  });
});
