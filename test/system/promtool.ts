/**
 * Prometheus' `promtool`: on the PATH, else from Debian's package, unpacked beside what is
 * installed and kept in node_modules/.cache.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/bailiwick", import.meta.url));
const KEPT = join(CACHE, "promtool");

/** The path of promtool. @throws with what to run by hand if it cannot be had. */
export function findPromtool(): string {
  for (const path of ["promtool", KEPT]) {
    if (spawnSync(path, ["--version"]).status === 0) return path;
  }
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  try {
    download(folder);
    const name = readdirSync(folder).find((file) => file.endsWith(".deb"));
    execFileSync("dpkg-deb", ["-x", name!, "."], { cwd: folder });
    mkdirSync(CACHE, { recursive: true });
    copyFileSync(join(folder, "usr/bin/promtool"), KEPT);
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (existsSync(KEPT)) return KEPT;
  throw new Error("promtool must be on the PATH: apt-get install prometheus");
}

function download(folder: string): void {
  const get = () => spawnSync("apt-get", ["download", "prometheus"], { cwd: folder });
  if (get().status === 0) return;
  execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
  if (get().status !== 0) throw new Error("promtool must be had: apt-get install prometheus");
}
