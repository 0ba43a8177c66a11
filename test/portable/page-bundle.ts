/** Modules of src as one file for a page, as the package's build makes it. */
import { build } from "esbuild";

export interface PageBundle {
  readonly text: string;
  /** Sources of which some code is in the file, by their paths. */
  readonly sources: readonly string[];
  /** Modules that the file itself imports: a page has none of them. */
  readonly imports: readonly string[];
}

const ROOT = new URL("../..", import.meta.url).pathname;

/** @param contents - A module that imports from "./src/…". */
export async function bundleForPage(contents: string): Promise<PageBundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    minify: true,
    write: false,
    metafile: true,
    external: ["node:*"],
    logLevel: "silent",
  });
  const [output] = Object.values(metafile.outputs);
  return {
    text: outputFiles[0]!.text,
    sources: Object.entries(output!.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
    imports: output!.imports.map(({ path }) => path),
  };
}

/**
 * What a page does not have, or what each engine computes with other bits, by the text that uses
 * it; powers of numerals are exact.
 */
export function unportableParts(text: string): readonly string[] {
  const names = /\bMath\.(?!abs|ceil|floor|fround|imul|max|min|round|sign|sqrt|trunc|[A-Z])\w+/g;
  const powers = /[^\d\s*]\s*\*\*(?!=)|\*\*\s*[^\d\s-]/g;
  const host = /\b(?:Buffer|process)\.\w+|\brequire\(/g;
  return [names, powers, host].flatMap((pattern) => text.match(pattern) ?? []);
}
