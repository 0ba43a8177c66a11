/** A real browser, headless: the one on the PATH, else Debian's, installed where that may be. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const INSTALL = "apt-get update && apt-get install -y --no-install-recommends chromium";

export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: ["--no-sandbox", ...args] });
}

/** The browser's path. @throws with what to run by hand if it cannot be had. */
export function findBrowser(): string {
  return browserOnPath() ?? installBrowser();
}

function browserOnPath(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((path) => NAMES.map((name) => join(path, name))).find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Only root may, and only where apt is. */
function installBrowser(): string {
  const isRoot = process.getuid?.() === 0;
  const outcome = isRoot ? spawnSync("sh", ["-c", INSTALL], { encoding: "utf8" }) : null;
  const found = browserOnPath();
  if (found !== undefined) return found;
  const why = outcome === null ? "" : `: ${outcome.stderr.trim().split("\n").at(-1)}`;
  throw new Error(`one of ${NAMES.join(", ")} must be on the PATH${why}. Run: ${INSTALL}`);
}
