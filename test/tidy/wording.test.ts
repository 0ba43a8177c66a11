/**
 * Goal: comments, messages and documents stay in plain English.
 * Method: a short list of phrases that cost readers a second look, searched in the comments and the
 * texts of src, found by TypeScript's scanner, and in the documents. A few samples show that the
 * search finds phrases in comments and texts, and only there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url).pathname;
/** Each with a plainer word: this many, again, a process, whose, available, default. */
const PHRASES =
  /\b(so many|anew|afresh|whoever|nobody|somebody|whose like|at hand|wherever|if left out)\b/gi;
/** A seed: changing it would change results. Single words are no sentences and are not read. */
const SEED = "anew rows";

/** Comments and texts of a source file, with their lines. */
function wordsOf(source: string): readonly { readonly text: string; readonly line: number }[] {
  const file = ts.createSourceFile("x.ts", source, ts.ScriptTarget.Latest, true);
  const words: { text: string; line: number }[] = [];
  const add = (text: string, position: number): void => {
    words.push({ text, line: file.getLineAndCharacterOfPosition(position).line + 1 });
  };
  const comments = new Set<number>();
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source, node.pos) ?? []) {
      if (!comments.has(pos)) add(source.slice(pos, end), pos);
      comments.add(pos);
    }
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node);
    if (isText && node.text.includes(" ") && node.text !== SEED) add(node.text, node.getStart());
    for (const child of node.getChildren()) visit(child);
  };
  visit(file);
  return words;
}

function phrasesOf(source: string): readonly string[] {
  return wordsOf(source).flatMap(({ text, line }) => {
    const words = text.replaceAll(/\s*\n\s*\*?\s*/g, " ");
    return [...words.matchAll(PHRASES)].map(([phrase]) => `${line}: ${phrase.toLowerCase()}`);
  });
}

function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path));
}

test("phrases are found in comments and texts, over the end of a line, and nowhere else", () => {
  const source = `/** Takes so
 * many rows. */
const nobody = "fitted anew";
const message = \`\${nobody} is at hand\`;
f(seed, "anew"); // not a word of the reader's
`;
  expect(phrasesOf(source)).toEqual(["1: so many", "3: anew", "4: at hand"]);
});

test("no comment and no text of src uses them", () => {
  const paths = filesBelow("src", ".ts");
  expect(paths.length).toBeGreaterThan(500);
  const used = paths.flatMap((path) =>
    phrasesOf(readFileSync(join(ROOT, path), "utf8")).map((phrase) => `${path}:${phrase}`),
  );
  expect(used).toEqual([]);
});

test("no document uses them", () => {
  const paths = ["README.md", ...filesBelow("docs", ".md")].filter(
    (path) => !path.startsWith("docs/api"),
  );
  const used = paths.flatMap((path) => {
    const words = readFileSync(join(ROOT, path), "utf8").replaceAll(/\s+/g, " ");
    return [...words.matchAll(PHRASES)].map(([phrase]) => `${path}: ${phrase.toLowerCase()}`);
  });
  expect(used).toEqual([]);
});
