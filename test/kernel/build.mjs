/**
 * Compiles the kernel: `node test/kernel/build.mjs` writes kernel.wasm, kernel-fast.wasm and
 * predict-bytes.ts in src/kernel. kernel-build.test.ts fails when they are not what the sources
 * give.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("../..", import.meta.url));

const ASSEMBLY = "src/kernel/assembly";
/** One memory for all threads; 32768 pages are MAX_MEMORY_BYTES. */
const SHARED = [
  `${ASSEMBLY}/index.ts`,
  ...["--enable", "simd,threads,bulk-memory", "--sharedMemory", "--maximumMemory", "32768"],
];
const UNSHARED = [`${ASSEMBLY}/predict-only.ts`, "--enable", "simd,bulk-memory"];

/** Output files: the compiler options that only they have, and the file that holds the bytes. */
export const builds = {
  "src/kernel/kernel.wasm": { options: SHARED, fileOf: (bytes) => bytes },
  "src/kernel/kernel-fast.wasm": {
    options: [...SHARED, "--enable", "relaxed-simd"],
    fileOf: (bytes) => bytes,
  },
  "src/kernel/predict-bytes.ts": { options: UNSHARED, fileOf: sourceOf },
};

const options = [
  ["--baseDir", root, "-O3", "--converge", "--noAssert", "--runtime", "stub", "--use", "abort="],
  ["--importMemory", "--initialMemory", "1"],
].flat();

const LINE_CHARS = 92;

/** A module, since a page and a bundler load a module where they cannot read a file. */
function sourceOf(bytes) {
  const base64 = Buffer.from(bytes).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, "g"));
  return Buffer.from(
    [
      "/** The kernel without training, in base64. Made by test/kernel/build.mjs; not edited. */",
      "export const PREDICT_KERNEL: string =",
      `${lines.map((line) => `  "${line}"`).join(" +\n")};`,
      "",
    ].join("\n"),
  );
}

/** The bytes of one output file. */
export async function compileKernel({ options: extraOptions, fileOf }) {
  let bytes;
  const { error, stderr } = await asc.main([...extraOptions, ...options, "-o", "kernel.wasm"], {
    writeFile: (_name, contents) => {
      bytes = contents;
    },
  });
  if (error) throw new Error(`the kernel does not compile:\n${stderr}`, { cause: error });
  return fileOf(bytes);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, build] of Object.entries(builds)) {
    await writeFile(new URL(`../../${file}`, import.meta.url), await compileKernel(build));
  }
}
