/** Goal: finished rows are read back whole, and nothing else is taken for one. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseRegimeRow, parseResultAnswers } from "../../../src/benches/index.ts";

test("the committed result's rows come back as they were written", () => {
  const { rows } = JSON.parse(readFileSync("experiments/regimes/result.json", "utf8")).measurements;
  for (const row of rows) expect(parseRegimeRow(JSON.stringify(row))).toEqual(row);
});

test.each(["{", "{}", '{"set": "five", "seed": "one"}'])("the line %s is refused", (line) => {
  expect(() => parseRegimeRow(line)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

test("the peers' answers in the committed result are found again, but not those that failed", () => {
  const text = readFileSync("experiments/regimes/result.json", "utf8");
  const answers = parseResultAnswers(text);
  const parc = answers.filter(({ outcome }) => outcome.name === "parc");
  expect(parc.length).toBeGreaterThan(0);
  expect(parc[0]).toMatchObject({ nRows: 2000, versions: { pyparc: "2.0.4" } });
  expect(answers.filter(({ outcome }) => "failed" in outcome)).toEqual([]);
  expect(() => parseResultAnswers("{}")).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID" }),
  );
});
