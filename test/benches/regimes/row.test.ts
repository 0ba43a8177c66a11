/** Goal: finished rows are read back whole, and nothing else is taken for one. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseRegimeRow } from "../../../src/benches/index.ts";

test("the committed result's rows come back as they were written", () => {
  const { rows } = JSON.parse(readFileSync("experiments/regimes/result.json", "utf8")).measurements;
  for (const row of rows) expect(parseRegimeRow(JSON.stringify(row))).toEqual(row);
});

test.each(["{", "{}", '{"set": "five", "seed": "one"}'])("the line %s is refused", (line) => {
  expect(() => parseRegimeRow(line)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});
