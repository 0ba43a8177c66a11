/** The package as a child process loads it, in a folder that its test may write to. */
import { copyFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Gives `folder` the package's name, code and dependencies. */
export function linkPackage(folder: string): void {
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  for (const name of ["node_modules", "datasets", "models", "experiments"]) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  symlinkSync(join(inject("compiled"), "dist"), join(folder, "dist"));
}
