// Packs the package, installs the tarball in an empty folder as a user would, and uses it: the
// command on a committed data set, the library from JavaScript, the server by the client.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileTypedUse, useReadme } from "./use-tarball.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bailiwick-package-"));
const run = (command, args, cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

try {
  const command = join(root, "dist", "cli", "main.js");
  if ((statSync(command).mode & 0o111) !== 0o111) throw new Error(`${command} must be executable`);
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], root));
  const megabytes = packed.unpackedSize / 1e6;
  if (megabytes > 5) throw new Error(`the package must unpack to at most 5 MB, got ${megabytes}`);
  const bench = packed.files.filter(({ path }) => /(^|\/)bench(es)?\//.test(path));
  if (bench.length > 0) throw new Error(`the package must hold no bench, got ${bench[0].path}`);
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "type": "module" }\n');
  run("npm", ["install", "--no-audit", "--no-fund", join(folder, packed.filename)]);

  const bin = join(folder, "node_modules", ".bin", "bailiwick");
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({
      name: "small",
      data: "concrete",
      protocol: { kind: "hold-out", repeats: 1 },
      experts: [2],
      tuning: { steps: [300], extendTo: 300 },
    }),
  );
  run(bin, ["run", "config.json", "--out", "out"]);
  const { verdict } = JSON.parse(readFileSync(join(folder, "out", "result.json"), "utf8"));
  const csv = run(bin, ["predict", "out/bundle", "concrete"]);
  if (csv.trim().split("\n").length !== 1031) throw new Error("predict must answer every row");

  writeFileSync(
    join(folder, "use.js"),
    `import { load, openTable, predict } from "bailiwick";
const { values } = await predict(await load("out/bundle"), await openTable("concrete"));
console.log(values.length);
`,
  );
  const rows = run("node", ["use.js"]).trim();
  if (rows !== "1030") throw new Error(`the library must predict 1030 rows, got ${rows}`);

  useReadme(run, folder);
  await compileTypedUse(run, folder);

  writeFileSync(
    join(folder, "ask.js"),
    `import { spawn } from "node:child_process";
import { createClient } from "bailiwick/client";
const server = spawn(process.argv[2], ["serve", "out/bundle", "--port", "0"]);
let log = "";
const url = await new Promise((resolve, reject) => {
  server.on("exit", () => reject(new Error("the server ended: " + log)));
  server.stderr.on("data", (text) => {
    log += text;
    const [found] = /http:..[0-9.:]+(?=.v2)/.exec(log) ?? [];
    if (found !== undefined) resolve(found);
  });
});
const { predictions } = await createClient({ url }).predict([{ age: 28, water: 180, cement: 300,
  blast_furnace_slag: 0, fly_ash: 0, superplasticizer: 0, coarse_aggregate: 1000, fine_aggregate: 700 }]);
const page = await (await fetch(url)).text();
server.kill();
console.log(Number.isFinite(predictions[0]) && page.includes("</script>"));
`,
  );
  const asked = run("node", ["ask.js", bin]).trim();
  if (asked !== "true") throw new Error("the server must answer the client and show its page");
  const size = `${packed.files.length} files, ${megabytes.toFixed(1)} MB`;
  process.stdout.write(`package ok: ${size}, partitioning ${verdict.partitioning}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
