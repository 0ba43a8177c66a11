// The same seed twice: runs the quickstart twice from the build, on one thread and on two, and
// compares every file of the bundles and the results, times and dates aside.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TIMES = new Set(["createdAt", "fitMs", "checksum"]);
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bailiwick-repeat-"));

const lasting = (text) =>
  JSON.stringify(JSON.parse(text, (key, value) => (TIMES.has(key) ? undefined : value)));

/** Every file of a run that can be compared, by name. README.md carries the date. */
function contentOf(out) {
  const files = readdirSync(out, { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter((file) => file.isFile() && !/README[.]md|report[.]html/.test(file.name))
      .map((file) => {
        const path = join(file.parentPath ?? file.path, file.name);
        const bytes = readFileSync(path);
        const content = path.endsWith(".json") ? lasting(String(bytes)) : bytes.toString("hex");
        return [path.slice(out.length + 1), content];
      }),
  );
}

try {
  const runs = ["1", "2"].map((threads) => {
    const out = join(folder, threads);
    const config = "experiments/quickstart/config.json";
    const args = ["dist/cli/main.js", "run", config, "--out", out, "--threads", threads, "--json"];
    execFileSync(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    return contentOf(out);
  });
  const [first, second] = runs;
  const differing = [...first].filter(([name, content]) => second.get(name) !== content);
  if (first.size !== second.size || differing.length > 0) {
    throw new Error(`the same seed must give the same files, ${differing.map(([n]) => n)} differ`);
  }
  process.stdout.write(`same seed twice: ${first.size} files identical, times and dates aside\n`);
} finally {
  rmSync(folder, { recursive: true });
}
