/**
 * The package's own source as JavaScript in a temporary folder, for tests that need a real child
 * process: Node 20 does not run TypeScript.
 */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
};

/** Compiles src/ to `folder`/dist and gives `folder` the package's name and dependencies. */
export function compileSource(folder: string): void {
  for (const name of readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })) {
    if (name.startsWith("kernel/assembly")) continue;
    if (name.endsWith(".wasm")) copyTo(folder, name);
    if (!name.endsWith(".ts")) continue;
    const source = readFileSync(join(ROOT, "src", name), "utf8");
    const { outputText } = ts.transpileModule(source, { compilerOptions: OPTIONS });
    const path = join(folder, "dist", name.replace(/[.]ts$/, ".js"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
  }
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  for (const name of ["node_modules", "datasets", "models", "experiments"]) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
}

function copyTo(folder: string, name: string): void {
  const path = join(folder, "dist", name);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(join(ROOT, "src", name), path);
}
