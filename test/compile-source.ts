/**
 * The package's own source as JavaScript, for tests that need a real child process: Node 20 does
 * not run TypeScript. It is compiled once a run, before the tests, and shared by them.
 *
 * The compiler only strips types, as `tsc` does with these settings, in a twentieth of its time.
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
import { transformWithOxc } from "vite";
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

const OPTIONS: Parameters<typeof transformWithOxc>[2] = {
  target: "es2023",
  typescript: { rewriteImportExtensions: "rewrite", onlyRemoveTypeImports: true },
  sourcemap: false,
};

/** Before all tests of a run: compiles src/ to a new folder. Removes it afterwards. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-compiled-"));
  for (const name of readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })) {
    if (name.startsWith("kernel/assembly")) continue;
    if (ASSET.test(name)) copyTo(folder, name);
    if (!name.endsWith(".ts")) continue;
    const source = readFileSync(join(ROOT, "src", name), "utf8");
    const { code } = await transformWithOxc(source, name, OPTIONS);
    const path = join(folder, "dist", name.replace(/[.]ts$/, ".js"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
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
