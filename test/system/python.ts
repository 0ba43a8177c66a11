/**
 * Python with packages of its own: a virtual environment under node_modules/.cache, made once.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/bailiwick", import.meta.url));
const INSTALL_TIMEOUT_MS = 600_000;

/**
 * The path of a Python that has the packages.
 *
 * @param name - Of the environment's folder; another one for other packages.
 * @param packages - As pip takes them, each with its version: `numpy==2.4.6`.
 * @throws with the lines to run by hand if Python or a package cannot be had.
 */
export function pythonWith(name: string, packages: readonly string[]): string {
  const folder = join(CACHE, name);
  const python = join(folder, "bin", "python");
  if (existsSync(python)) return python;
  mkdirSync(CACHE, { recursive: true });
  const half = `${folder}.half`;
  rmSync(half, { recursive: true, force: true });
  const lines = [
    ["python3", "-m", "venv", half],
    [join(half, "bin", "python"), "-m", "pip", "install", "--quiet", ...packages],
  ];
  for (const [command, ...args] of lines) {
    try {
      execFileSync(command!, args, { stdio: "pipe", timeout: INSTALL_TIMEOUT_MS });
    } catch (cause) {
      const run = lines.map((line) => `  ${line.join(" ")}`).join("\n");
      const needs = "Debian needs python3-venv (apt-get install python3-venv)";
      throw new Error(`Python with ${packages.join(", ")} must be installable; ${needs}:\n${run}`, {
        cause,
      });
    }
  }
  renameSync(half, folder);
  return python;
}
