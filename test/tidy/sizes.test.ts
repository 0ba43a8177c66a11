/**
 * Goal: every source file is small enough to read, and no value from outside is cast to a type.
 * Method: the TypeScript parser counts (source-rules.ts); a file that still breaks a rule stands in
 * STILL, which may only shrink; what may stay stands in still.ts with its reason. The rules are
 * tried on samples first, so that the test cannot pass on a rule that finds nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { wideDocLines } from "./doc-rules.ts";
import { type Breach, breachesOf, type SourceRule } from "./source-rules.ts";
import { CASTS, DATA_KERNELS, STILL } from "./still.ts";

describe("the rules", () => {
  const rulesIn = (text: string, path = "src/api/sample.ts") =>
    breachesOf(path, text).map(({ rule }) => rule);
  const lines = (count: number) => "  x += 1;\n".repeat(count);

  test.each<[SourceRule, string, string]>([
    ["file lines", "1;\n".repeat(301), "1;\n".repeat(300)],
    [
      "function lines",
      `const f = () => {\n${lines(69)}};\n`,
      `const f = () => {\n${lines(68)}};\n`,
    ],
    ["parameters", "function f(a, b, c, d, e) {}", "function f(a, b, c, d) {}"],
    ["columns", `// ${"x".repeat(98)}`, `// ${"x".repeat(97)}`],
    ["cast", "const a = b as string;", "const a = [1] as const;"],
    ["cast", "const a = <string>b;", "const a = b as unknown;"],
    ["JSON.parse", "const a: A = JSON.parse(t);", "const a: unknown = JSON.parse(t);"],
    ["JSON.parse", "let a; function f() { a = JSON.parse(t); }", "parse(JSON.parse(t));"],
    [
      "JSON.parse",
      "function f(): A { return JSON.parse(t); }",
      "function f(): unknown { return JSON.parse(t); }",
    ],
  ])("%s: one place more than is allowed is reported, the limit is not", (rule, over, within) => {
    expect(rulesIn(over)).toContain(rule);
    expect(rulesIn(within)).toEqual([]);
  });

  test("a cast of a message or of parsed JSON is reported in every folder", () => {
    expect(rulesIn("const a = message.body as A;", "src/experts/sample.ts")).toEqual(["cast"]);
    expect(rulesIn("const a = shape as A;", "src/experts/sample.ts")).toEqual([]);
  });

  test("a link, a table and a code block may be wide in the docs, a sentence not", () => {
    const wide = "word ".repeat(30);
    expect(wideDocLines(`${wide}\n`)).toEqual([1]);
    expect(wideDocLines(`| ${wide} |\n\`\`\`\n${wide}\n\`\`\`\n`)).toEqual([]);
    expect(wideDocLines(`[results](${"x".repeat(110)})\n`)).toEqual([]);
  });
});

const found = sourceFiles().flatMap((path) =>
  breachesOf(path, readFileSync(path, "utf8"))
    .filter((breach) => !isExcepted(path, breach))
    .map((breach) => ({ path, ...breach })),
);
const stillBroken = new Set(STILL);

test("every source file keeps the rules, but those that STILL lists", () => {
  const fresh = found.filter(({ rule, path }) => !stillBroken.has(`${rule} ${path}`));
  expect(
    fresh.map(({ rule, path, line, message }) => `${rule} ${path}:${line} ${message}`),
  ).toEqual([]);
});

test("every line of the docs is within 110 columns, but in those that STILL lists", () => {
  const fresh = wideDocs().filter((path) => !stillBroken.has(`columns ${path}`));
  expect(fresh.map((path) => `${path}: ${wideDocLines(readFileSync(path, "utf8"))}`)).toEqual([]);
});

test("what STILL lists is still broken: a file that is mended leaves the list", () => {
  const broken = new Set([
    ...found.map(({ rule, path }) => `${rule} ${path}`),
    ...wideDocs().map((path) => `columns ${path}`),
  ]);
  expect(STILL.filter((entry) => !broken.has(entry))).toEqual([]);
});

test("what has a reason to stay is still there", () => {
  const all = sourceFiles().flatMap((path) =>
    breachesOf(path, readFileSync(path, "utf8")).map(({ message }) => `${path}: ${message}`),
  );
  const listed = [...Object.keys(CASTS), ...DATA_KERNELS];
  expect(listed.filter((entry) => !all.some((one) => one.startsWith(entry)))).toEqual([]);
});

function isExcepted(path: string, { rule, message }: Breach): boolean {
  const isSize = rule === "file lines" || rule === "function lines" || rule === "parameters";
  if (isSize && path.startsWith("src/benches/")) return true;
  if (rule === "parameters") {
    if (path.startsWith("src/kernel/assembly/")) return true;
    return DATA_KERNELS.some((kernel) => `${path}: ${message}`.startsWith(`${kernel}:`));
  }
  return rule === "cast" && `${path}: ${message}` in CASTS;
}

function sourceFiles(): string[] {
  return filesBelow("src").filter((path) => /[.](ts|js)$/.test(path));
}

function wideDocs(): string[] {
  const docs = ["README.md", ...filesBelow("docs").filter((path) => path.endsWith(".md"))];
  return docs.filter((path) => wideDocLines(readFileSync(path, "utf8")).length > 0);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((path) => `${folder}/${path}`)
    .sort();
}
