/** A folder with tiny models and rows, and operations on them that are killed. */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { fit as fitRows, save } from "../../../src/index.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { linkPackage } from "../../link-package.ts";
import { ID, OPERATIONS, type OperationName, openRows, SECRET, TARGET } from "./operations.ts";

const PRELOAD = fileURLToPath(new URL("preload.mjs", import.meta.url));
const FIT = {
  preset: "fast",
  experts: 2,
  hidden: [6],
  tuning: { steps: [1500], extendTo: 1500 },
  threads: 1,
} as const;
/** Values of the rows that are forgotten and of no other row. */
export const SECRETS = [SECRET, "Hinterzarten", 1.987654, 7.654321, -1.876543, -8.765432] as const;

/** What an operation begins with: nothing, a bundle of a fit, or its next version. */
export type Start = "nothing" | "fitted" | "updated";

export interface Ground {
  readonly data: string;
  /** A new copy of a start; the bundle's path. */
  begin(start: Start): string;
  /** Runs an operation in a process that is killed before its n-th operation on files, if given. */
  run(name: OperationName, model: string, killAt?: number): Promise<Ended>;
  remove(): void;
}

export interface Ended {
  readonly isKilled: boolean;
  /** Operations on files, of a process that was not killed. */
  readonly nOperations: number;
}

export async function prepareGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-kills-"));
  linkPackage(folder);
  const program = await bundleProgram(folder);
  const data = join(folder, "data");
  mkdirSync(data);
  writeRows(data);
  const rows = async (name: string) =>
    fitRows(await openRows(data, name), { ...FIT, keepRows: true });
  await save(await rows("first"), join(folder, "fitted", "model"));
  const { keptRows: _, ...other } = await rows("other");
  await save(other, join(data, "fitted"));
  for (const ending of ["", ".store"]) {
    const [from, to] = [`model${ending}`, `kept${ending}`];
    cpSync(join(folder, "fitted", from), join(data, to), { recursive: true });
  }
  mkdirSync(join(folder, "nothing"));
  cpSync(join(folder, "fitted"), join(folder, "updated"), { recursive: true });
  await OPERATIONS.update(join(folder, "updated", "model"), data);
  const at = join(folder, "killed");
  return {
    data,
    begin: (start) => {
      rmSync(at, { recursive: true, force: true });
      cpSync(join(folder, start), at, { recursive: true });
      return join(at, "model");
    },
    run: (name, model, killAt) => runProgram(program, [name, model, data], killAt),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

async function runProgram(
  program: string,
  args: readonly string[],
  killAt: number | undefined,
): Promise<Ended> {
  const env = { ...process.env, ...(killAt === undefined ? {} : { KILL_AT: String(killAt) }) };
  const command = ["--import", PRELOAD, program, ...args];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { env });
    return { isKilled: false, nOperations: Number(stdout) };
  } catch (error) {
    if (error instanceof Error && "signal" in error && error.signal === "SIGKILL") {
      return { isKilled: true, nOperations: Number.NaN };
    }
    throw error;
  }
}

/** The program in one file, two folders below the package: it starts in a fifth of the time. */
async function bundleProgram(folder: string): Promise<string> {
  const outDir = join(folder, "bundled", "kills");
  const wasm = fileURLToPath(new URL("../../../src/kernel/", import.meta.url));
  await build({
    configFile: false,
    logLevel: "error",
    root: folder,
    ssr: { noExternal: true, external: ["fs-native-extensions"] },
    build: {
      ssr: fileURLToPath(new URL("main.ts", import.meta.url)),
      outDir,
      target: "node20",
      minify: false,
    },
  });
  for (const name of ["kernel.wasm", "kernel-fast.wasm"]) {
    if (existsSync(join(wasm, name))) copyFileSync(join(wasm, name), join(outDir, name));
  }
  return join(outDir, "main.js");
}

type Row = Readonly<Record<string, string | number>>;

/** Two laws, by the sign of x. @param shift - Of the target where x is positive. */
function rowsOf(prefix: string, nRows: number, seed: number, shift = 0): Row[] {
  const rng = createRng(seed);
  return Array.from({ length: nRows }, (_, i) => {
    const x = 4 * rng.uniform() - 2;
    const y = (x < 0 ? 3 * x : 5 - 2 * x + shift) + 0.05 * rng.normal();
    return { [ID]: `${prefix}${i}`, town: ["Aach", "Berg", "Chur"][i % 3]!, x, [TARGET]: y };
  });
}

function writeRows(data: string): void {
  const first = rowsOf("first", 160, 1);
  const drifted = rowsOf("drifted", 80, 2, 10);
  const [, town, x1, y1, x2, y2] = SECRETS;
  first[7] = { [ID]: SECRET, town, x: x1, [TARGET]: y1 };
  drifted[9] = { [ID]: SECRET, town, x: x2, [TARGET]: y2 };
  const stream = [
    ...rowsOf("calm", 40, 3),
    ...rowsOf("moved", 40, 4, 10),
    ...rowsOf("on", 40, 5, 10),
  ];
  const files = {
    first,
    drifted,
    stream,
    other: rowsOf("other", 160, 6, 4),
    quiet: rowsOf("quiet", 20, 7),
  };
  for (const [name, rows] of Object.entries(files)) {
    const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))];
    writeFileSync(join(data, `${name}.csv`), `${lines.map((line) => line.join(",")).join("\n")}\n`);
  }
}
