/**
 * Compiles the kernel: `node test/kernel/build.mjs` writes kernel.wasm, kernel-fast.wasm and
 * predict-bytes.ts in src/kernel. kernel-build.test.ts fails when they are not what the sources
 * give.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("../..", import.meta.url));

const ASSEMBLY = "src/kernel/assembly";
/** One memory for all threads; 32768 pages are MAX_MEMORY_BYTES. */
const SHARED = [
  `${ASSEMBLY}/index.ts`,
  ...["--enable", "simd,threads,bulk-memory", "--sharedMemory", "--maximumMemory", "32768"],
];
const UNSHARED = [`${ASSEMBLY}/predict-only.ts`, "--enable", "simd,bulk-memory"];

const asIs = { fileOf: (bytes) => bytes, bytesOf: (file) => file };

/** Output files: the compiler options that only they have, and how a file holds the bytes. */
export const builds = {
  "src/kernel/kernel.wasm": { options: SHARED, ...asIs },
  "src/kernel/kernel-fast.wasm": { options: [...SHARED, "--enable", "relaxed-simd"], ...asIs },
  "src/kernel/predict-bytes.ts": { options: UNSHARED, fileOf: sourceOf, bytesOf: bytesIn },
};

const options = [
  ["--baseDir", root, "-O3", "--converge", "--noAssert", "--runtime", "stub", "--use", "abort="],
  ["--importMemory", "--initialMemory", "1"],
].flat();

const LINE_CHARS = 92;

/**
 * A module, since a page and a bundler load a module where they cannot read a file. Deflated,
 * because a page's transport does not compress base64 as well.
 */
function sourceOf(bytes) {
  const base64 = deflateRawSync(bytes, { level: 9 }).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, "g"));
  return Buffer.from(
    [
      "/** The kernel without training, deflated, in base64. Made by test/kernel/build.mjs. */",
      "export const PREDICT_KERNEL: string =",
      `${lines.map((line) => `  "${line}"`).join(" +\n")};`,
      "",
    ].join("\n"),
  );
}

/** Versions of zlib deflate to other bytes, which inflate to the same. */
function bytesIn(source) {
  const lines = String(source).match(/(?<=^ {2}")[^"]+/gm);
  return inflateRawSync(Buffer.from(lines.join(""), "base64"));
}

/** The bytes of one build. */
export async function compileKernel({ options: extraOptions }) {
  let bytes;
  const { error, stderr } = await asc.main([...extraOptions, ...options, "-o", "kernel.wasm"], {
    writeFile: (_name, contents) => {
      bytes = contents;
    },
  });
  if (error) throw new Error(`the kernel does not compile:\n${stderr}`, { cause: error });
  return bytes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, build] of Object.entries(builds)) {
    await writeFile(
      new URL(`../../${file}`, import.meta.url),
      build.fileOf(await compileKernel(build)),
    );
  }
}
