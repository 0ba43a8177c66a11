/**
 * Programs of Debian packages, unpacked beside what is installed and kept in node_modules/.cache.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/bailiwick", import.meta.url));
const LIBRARIES = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"];

export interface Program {
  readonly path: string;
  /** The root of its packages, with their libraries; null if it is installed. */
  readonly root: string | null;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A program: on the PATH, else from packages.
 *
 * @param place - Where the packages have it, "usr/bin/fish".
 * @throws with what to run by hand if it cannot be had.
 */
export function findProgram(name: string, place: string, packages: readonly string[]): Program {
  if (spawnSync(name, ["--version"]).status === 0) return { path: name, root: null, env: {} };
  const root = join(CACHE, `${name}-debian`);
  if (!existsSync(root)) unpack(root, packages);
  const path = join(root, place);
  if (!existsSync(path)) {
    throw new Error(`${name} must be on the PATH: apt-get install ${packages[0]}`);
  }
  const libraries = LIBRARIES.map((folder) => join(root, folder)).join(":");
  return { path, root, env: { LD_LIBRARY_PATH: libraries } };
}

function unpack(root: string, packages: readonly string[]): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "unpacking-"));
  try {
    download(folder, packages);
    const files = readdirSync(folder).filter((name) => name.endsWith(".deb"));
    for (const file of files) execFileSync("dpkg-deb", ["-x", file, "root"], { cwd: folder });
    renameSync(join(folder, "root"), root);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function download(folder: string, packages: readonly string[]): void {
  const get = () => spawnSync("apt-get", ["download", ...packages], { cwd: folder });
  if (get().status === 0) return;
  execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
  if (get().status !== 0) throw new Error(`by hand: apt-get install ${packages.join(" ")}`);
}
