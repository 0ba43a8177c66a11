/**
 * Goal: the library is small, every type in a signature can be imported, and docs/api describes
 * what is exported.
 * Method: the exports as the TypeScript parser sees them, compared with the entries of docs/api:
 * names, docstrings, and the pages that `npm run docs` writes.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readEntries } from "./exports.ts";

const PAGES = {
  "src/index.ts": "library",
  "src/library/engine.ts": "engine",
  "src/api/client/index.ts": "client",
  "src/api/agent/index.ts": "agent",
} as const;
const entries = readEntries(Object.keys(PAGES));
const pages = Object.values(PAGES).map((name) => pageOf(name));
const library = entries.get("src/index.ts")!;

test("the library exports at most 25 values, and each can be imported", async () => {
  const values = library.exports.filter(({ isValue }) => isValue).map(({ name }) => name);
  expect(values.length).toBeLessThanOrEqual(25);
  expect(Object.keys(await import("../../src/index.ts")).sort()).toEqual(values.sort());
});

describe.each(Object.entries(PAGES))("%s", (path, name) => {
  const { exports, missing } = entries.get(path)!;

  test("exports every type that its declarations name", () => {
    expect(missing).toEqual([]);
  });

  test("is described in docs/api, each export and nothing else (npm run docs)", () => {
    const described = [...pageOf(name).matchAll(/^### (?:abstract )?([\w$\\]+)/gm)].map(([, own]) =>
      own!.replaceAll("\\", ""),
    );
    expect([...described].sort()).toEqual(exports.map((own) => own.name).sort());
  });

  test("is described in docs/api by the docstrings of today (npm run docs)", () => {
    const text = wordsOf(pages.join("\n"));
    const stale = exports.filter(({ doc, tags }) => {
      const examples = tags.filter((tag) => tag.name === "example").map((tag) => tag.text);
      return [doc, ...examples].some((part) => !text.includes(wordsOf(part)));
    });
    expect(stale.map((own) => own.name)).toEqual([]);
  });
});

test("every function of the library says what it throws and has an example", () => {
  const functions = library.exports.filter(({ isFunction }) => isFunction);
  expect(functions.length).toBeGreaterThan(10);
  const bare = functions.filter(({ doc, tags }) => {
    const names = tags.map((tag) => tag.name);
    return doc === "" || !names.includes("throws") || !names.includes("example");
  });
  expect(bare.map((own) => own.name)).toEqual([]);
});

test("every function of the engine has an example", () => {
  const functions = entries.get("src/library/engine.ts")!.exports.filter((one) => one.isFunction);
  expect(functions.length).toBeGreaterThan(10);
  const bare = functions.filter(({ tags }) => tags.every((tag) => tag.name !== "example"));
  expect(bare.map(({ name }) => name)).toEqual([]);
});

/** Words alone: neither markup, escapes nor line ends. */
function wordsOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

function pageOf(name: string): string {
  return readFileSync(new URL(`../../docs/api/${name}.md`, import.meta.url), "utf8");
}
