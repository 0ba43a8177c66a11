// What a program does with the installed package: the README's example, run as it stands; its model
// in another process; and a program that writes down the types of every function.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ROWS = [{ area: 120, year: 1987, district: "north" }];

/** Runs README's example in `folder`; a second process must predict the same bits. */
export function useReadme(run, folder) {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readme);
  const nLines = example.trim().split("\n").length;
  if (nLines > 12) throw new Error(`README's example must have at most 12 lines, got ${nLines}`);
  const lines = Array.from({ length: 80 }, (_, i) => {
    const [area, year] = [40 + ((i * 37) % 100), 1950 + ((i * 13) % 70)];
    return `${area},${year},${i % 2 === 0 ? "north" : "south"},${1000 + 30 * area + (i % 7)}`;
  });
  writeFileSync(join(folder, "prices.csv"), `area,year,district,price\n${lines.join("\n")}\n`);
  const bits = 'console.log(Buffer.from(values.buffer).toString("hex"));\n';
  writeFileSync(join(folder, "readme.mjs"), `${example}\n${bits}`);
  const first = run("node", ["readme.mjs"]).trim().split("\n").at(-1);
  const imports = 'import { load, predict } from "bailiwick";';
  const again = `const { values } = await predict(await load("out/prices"), ${JSON.stringify(ROWS)});`;
  writeFileSync(join(folder, "again.mjs"), `${imports}\n${again}\n${bits}`);
  const second = run("node", ["again.mjs"]).trim();
  if (first.length !== 16 || first !== second) {
    throw new Error(`another process must predict the same bits, got ${first} and ${second}`);
  }
}

/** Compiles programs/typed-use.ts against the package; it must use every value of both entries. */
export async function compileTypedUse(run, folder) {
  const program = readFileSync(join(root, "test/package/programs/typed-use.ts"), "utf8");
  const path = createRequire(join(folder, "package.json"));
  for (const entry of ["bailiwick", "bailiwick/engine"]) {
    const names = Object.keys(await import(path.resolve(entry)));
    // Once to import it, once more to use it.
    const uses = (name) => program.match(new RegExp(`\\b${name}\\b`, "g"))?.length ?? 0;
    const unused = names.filter((name) => uses(name) < 2);
    if (unused.length > 0) throw new Error(`typed-use.ts must use ${unused} of ${entry}`);
  }
  writeFileSync(join(folder, "typed-use.ts"), program);
  const flags = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--module", "nodenext"];
  const types = ["--types", "node", "--typeRoots", join(root, "node_modules/@types")];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  run("node", [tsc, ...flags, "--target", "es2023", ...types, "typed-use.ts"]);
}
