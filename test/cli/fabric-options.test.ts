/** Options of a fabric as a person writes them. */
import { expect, test } from "vitest";
import { memorySize, pin } from "../../src/cli/fabric-options.ts";
import { checkName } from "../../src/cluster/fabric/index.ts";

test("sizes, pins and names are read as written, and refused with an example", () => {
  expect([memorySize("512MB"), memorySize("1.5 gb"), memorySize("10B")]).toEqual([
    512e6, 1.5e9, 10,
  ]);
  for (const text of ["", "512", "MB", "-1MB", "0B", "1TB"])
    expect(() => memorySize(text)).toThrow(/512MB/);
  const pins = pin("b=x,y", pin("a=eu", new Map()));
  expect([...pins]).toEqual([
    ["a", ["eu"]],
    ["b", ["x", "y"]],
  ]);
  for (const text of ["", "a", "=eu", "a=", "a=e u"])
    expect(() => pin(text, pins)).toThrow(/class=zone/);
  expect(checkName("a zone", "eu-1_a")).toBe("eu-1_a");
  for (const name of ["", "a.b", "a b", "*", "x".repeat(65)])
    expect(() => checkName("a zone", name)).toThrow(/letters/);
});
