/**
 * Goal: no text that a stranger sends keeps a regular expression busy for longer than a time linear
 * in its length.
 * Method: every pattern of src, found by TypeScript's parser, against runs of characters that
 * patterns repeat, with an end that fails; a run four times as long must not take sixteen times as
 * long. Patterns that are known to be quadratic are tried first, so that the test cannot pass on a
 * measure that finds nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const SRC = new URL("../../src/", import.meta.url).pathname;
const LENGTH = 3_000;
const FACTOR = 4;
/** Linear is 4, quadratic 16. */
const MOST_GROWTH = 10;
/** Shorter times are not compared: a quadratic pattern takes many times as long. */
const NOTICEABLE_MS = 15;

const PIECES = [
  ..."0 a\tA.-+_/\\\"'=,:;<>()[]{}#*?%@é\n",
  "0.",
  ". ",
  "e0",
  "a.",
  "\r\n",
  "--",
  '\\"',
];
const STARTS = ["", '"', "0", "a", "-", " "];
const ENDS = ["\u0000", "!", "a!", "\n!"];

interface Pattern {
  readonly place: string;
  readonly expression: RegExp;
}

function patternsOf(path: string): readonly Pattern[] {
  const source = ts.createSourceFile(path, readFileSync(join(SRC, path), "utf8"), 99, true);
  const patterns: Pattern[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const expression = new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
      patterns.push({ place: `${path}:${line + 1} ${node.text}`, expression });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return patterns;
}

function sourceFiles(): readonly string[] {
  return readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
}

/** Of this process, and the least of three, since other work may slow down any. */
function timeOf(expression: RegExp, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 3; repeat++) {
    const start = process.cpuUsage();
    // As replaceAll, matchAll and test use it: from the start, and on after each match.
    text.replace(expression, "");
    least = Math.min(least, process.cpuUsage(start).user / 1000);
    if (least < NOTICEABLE_MS) return least;
  }
  return least;
}

/** A hostile text that takes more than a linear time; null if there is none. */
function slowText(expression: RegExp): string | null {
  for (const piece of PIECES) {
    for (const start of STARTS) {
      for (const end of ENDS) {
        const text = (n: number): string => `${start}${piece.repeat(n)}${end}`;
        const long = timeOf(expression, text(FACTOR * LENGTH));
        if (long < NOTICEABLE_MS) continue;
        if (long > MOST_GROWTH * timeOf(expression, text(LENGTH))) {
          return JSON.stringify(text(3));
        }
      }
    }
  }
  return null;
}

test("quadratic patterns are found", () => {
  expect(slowText(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)).not.toBeNull();
  expect(slowText(/\/+$/)).not.toBeNull();
  expect(slowText(/^\d+$/)).toBeNull();
});

test("every regular expression takes a time linear in the length of hostile texts", () => {
  const patterns = sourceFiles().flatMap(patternsOf);
  expect(patterns.length).toBeGreaterThan(50);
  const slow = patterns.flatMap(({ place, expression }) => {
    const text = slowText(expression);
    return text === null ? [] : [`${place} on ${text}`];
  });
  expect(slow).toEqual([]);
}, 300_000);
