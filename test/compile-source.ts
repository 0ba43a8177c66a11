/**
 * The package's own source as JavaScript, for tests that need a real child process: Node 20 does
 * not run TypeScript. It is compiled once a run, before the tests, and shared by them.
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder of the compiled package. */
    readonly compiled: string;
  }
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What is loaded as it is. */
const ASSET = /[.](wasm|html|css|js)$/;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
};

/** Gives `folder` the package's name, code and dependencies. */
export function linkPackage(folder: string): void {
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  for (const name of ["node_modules", "datasets", "models", "experiments"]) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  symlinkSync(join(inject("compiled"), "dist"), join(folder, "dist"));
}

/** Before all tests of a run: compiles src/ to a folder of its own. Removes it afterwards. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-compiled-"));
  for (const name of readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })) {
    if (name.startsWith("kernel/assembly")) continue;
    if (ASSET.test(name)) copyTo(folder, name);
    if (!name.endsWith(".ts")) continue;
    const source = readFileSync(join(ROOT, "src", name), "utf8");
    const { outputText } = ts.transpileModule(source, { compilerOptions: OPTIONS });
    const path = join(folder, "dist", name.replace(/[.]ts$/, ".js"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
  }
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  for (const name of ["node_modules", "datasets"])
    symlinkSync(join(ROOT, name), join(folder, name));
  project.provide("compiled", folder);
  return () => rmSync(folder, { recursive: true });
}

function copyTo(folder: string, name: string): void {
  const path = join(folder, "dist", name);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(join(ROOT, "src", name), path);
}
