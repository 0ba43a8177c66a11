// Builds @tensorflow/tfjs-node-gpu with its own native binding: `node test/tfjs-node/build.mjs`.
//
// The package's install downloads libtensorflow from a host that many machines cannot reach. Its
// binding compiles as well against the library that PyPI's tensorflow-cpu wheel holds, which is
// what happens here: the package and the binding are the real ones, the device is the CPU. Needs
// npm, g++ and a Python 3 with pip that tensorflow-cpu has a wheel for. What was made is kept in
// node_modules/.cache/bailiwick.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = "@tensorflow/tfjs-node-gpu";
const VERSION = "4.22.0";
const TENSORFLOW = "2.21.0";
const HEADERS = "node-api-headers@1.9.0";
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/bailiwick/", import.meta.url));
const FOLDER = join(CACHE, `tfjs-node-gpu-${VERSION}-tensorflow-${TENSORFLOW}`);
const STEP_TIMEOUT_MS = 600_000;

/** The parts of the wheel that the binding is compiled against and runs with. */
const WHEEL_PARTS = [
  "tensorflow/libtensorflow_cc.so.2",
  "tensorflow/libtensorflow_framework.so.2",
  "tensorflow/include/tensorflow/c/",
  "tensorflow/include/tensorflow/core/platform/",
  "tensorflow/include/xla/tsl/",
  "tensorflow/include/tsl/",
  "tensorflow/include/absl/",
];
const UNPACK = `
import sys, zipfile
wheel, folder, *parts = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [n for n in archive.namelist() if n.startswith(tuple(parts))]
    archive.extractall(folder, names)
`;

/** The path to import the package by, within `folder`. */
const entry = (folder) => join(folder, "node_modules", PACKAGE, "dist", "index.js");

/** Where the package looks for its native part: there once all of it has been built. */
const BINDING = join(FOLDER, "node_modules", PACKAGE, "lib", "napi-v8", "tfjs_binding.node");

/** The package's path if it was built before, else null. */
export function findTfjsNode() {
  return existsSync(BINDING) ? entry(FOLDER) : null;
}

/** The package's path, built now if it was not before. @throws with the step that failed. */
export function buildTfjsNode() {
  const built = findTfjsNode();
  if (built !== null) return built;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  fill(FOLDER);
  compile(FOLDER);
  return entry(FOLDER);
}

function fill(folder) {
  run(folder, "npm", [
    ...["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder],
    ...[`${PACKAGE}@${VERSION}`, HEADERS],
  ]);
  run(folder, "python3", [
    ...["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder],
    `tensorflow-cpu==${TENSORFLOW}`,
  ]);
  const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
  run(folder, "python3", ["-c", UNPACK, join(folder, wheel), folder, ...WHEEL_PARTS]);
  rmSync(join(folder, wheel));
}

function compile(folder) {
  const source = join(folder, "node_modules", PACKAGE);
  const library = join(folder, "tensorflow");
  mkdirSync(dirname(BINDING), { recursive: true });
  run(source, "g++", [
    ...["-std=c++17", "-O1", "-shared", "-fPIC", "-w"],
    ...["-DNAPI_VERSION=8", "-DBUILDING_NODE_EXTENSION"],
    ...["binding/tfjs_backend.cc", "binding/tfjs_binding.cc", "-I.", `-I${library}/include`],
    `-I${join(folder, "node_modules", "node-api-headers", "include")}`,
    ...["-o", `${BINDING}.half`, `-L${library}`],
    ...["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2", `-Wl,-rpath,${library}`],
  ]);
  renameSync(`${BINDING}.half`, BINDING);
}

function run(cwd, command, args) {
  try {
    execFileSync(command, args, { cwd, stdio: "pipe", timeout: STEP_TIMEOUT_MS });
  } catch (cause) {
    const said = String(cause.stderr ?? "").slice(-2000);
    const line = [command, ...args.map((arg) => (arg === UNPACK ? "<unpack>" : arg))].join(" ");
    throw new Error(`${PACKAGE} must be buildable, but this failed:\n  ${line}\n${said}`, {
      cause,
    });
  }
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  process.stdout.write(`${buildTfjsNode()}\n`);
}
