/** Updates in processes of their own, to be killed and to be set against each other. */
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { storeFolder } from "../../src/update/store/index.ts";
import { linkPackage } from "../link-package.ts";
import { knownBundle, writeCsv } from "./bundles.ts";
import { type Drift, rowsOf } from "./streams.ts";

const SET = { nRows: 1200, seed: 1 };
const BATCH_ROWS = 200;
const shifted: Drift = (regime, [x]) => (regime === 1 ? 1.5 + Math.sin(2 * x!) : 0);

const UPDATER = `
import { readFileSync } from "node:fs";
import { createWasmEngine } from "./dist/experts/index.js";
import { createInlineExecutor } from "./dist/mixture/index.js";
import { parseTable } from "./dist/data/index.js";
import { updateBundle } from "./dist/update/index.js";
const executor = createInlineExecutor(await createWasmEngine());
console.error("ready");
const rows = ["drifted.csv", "back.csv"].map((name) => readFileSync(name));
const sha = (n) => n.toString(16).padStart(64, "0");
const tables = rows.map((text) => parseTable(text, "csv"));
const times = Number(process.argv[3] ?? 1e9);
const first = Number(process.argv[4] ?? 0);
for (let turn = first; turn < first + times; turn++) {
  const batch = { name: "batch", sha256: sha(Math.floor(Math.random() * 1e9)), table: tables[turn % 2] };
  try {
    const { version } = await updateBundle(process.argv[2], batch, { executor, seed: turn });
    console.log("version", version);
  } catch (error) {
    console.log(error.code);
  }
}
`;

/** A folder with the package, two batches of rows, and a program that updates by them in turn. */
export interface Ground {
  readonly folder: string;
  /** The program, to be started in the folder: `updater name [times [first]]`. */
  readonly updater: string;
  /** A new bundle with its rows, by that name, in place of an earlier one; its path. */
  bundleIn(name: string): Promise<string>;
  remove(): void;
}

export async function prepareGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-update-"));
  linkPackage(folder);
  const updater = await bundleUpdater(folder);
  const rows = { nRows: BATCH_ROWS, seed: 7 };
  writeCsv(join(folder, "drifted.csv"), rowsOf("intervals", { ...rows, drift: shifted }));
  writeCsv(join(folder, "back.csv"), rowsOf("intervals", { ...rows, seed: 8 }));
  const { folder: made } = await knownBundle("intervals", SET);
  return {
    folder,
    updater,
    bundleIn: async (name) => {
      const bundle = join(folder, name);
      for (const path of [bundle, storeFolder(bundle)]) {
        rmSync(path, { recursive: true, force: true });
      }
      cpSync(made, bundle, { recursive: true });
      cpSync(storeFolder(made), storeFolder(bundle), { recursive: true });
      return bundle;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/**
 * The program with all that it imports, in one file, two folders below the package: to load the
 * hundreds of modules takes a process longer than an update does.
 */
async function bundleUpdater(folder: string): Promise<string> {
  const source = join(folder, "updater.js");
  writeFileSync(source, UPDATER);
  const outDir = join(folder, "bundled", "updater");
  await build({
    configFile: false,
    logLevel: "warn",
    root: folder,
    ssr: { noExternal: true, external: ["fs-native-extensions"] },
    build: { ssr: source, outDir, target: "node20", minify: false },
  });
  copyFileSync(join(folder, "dist/kernel/kernel.wasm"), join(outDir, "kernel.wasm"));
  return join(outDir, "updater.js");
}
