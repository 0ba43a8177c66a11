// Writes into package-lock.json the optional packages of other platforms that the registry in use
// does not hold: `npm ci` refuses a lock that lacks them, though it would install none of them.
// Run it after a change of dependencies: node test/package/complete-lock.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(path, "utf8"));
const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "sunos", "win32", "aix"];
const PROCESSORS = [
  "arm64",
  "arm",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "x64",
];

const within = (name, words) => words.filter((word) => name.split(/[-/]/).includes(word));

let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const [os, cpu] = [within(name, SYSTEMS), within(name, PROCESSORS)];
    if (lock.packages[key] !== undefined || os.length === 0) continue;
    lock.packages[key] = {
      version,
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os,
    };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
lock.packages = Object.fromEntries(sorted);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} optional packages of other platforms added\n`);
