/**
 * Compiles the kernel: `node test/kernel/build.mjs` writes src/kernel/kernel.wasm and
 * kernel-fast.wasm. kernel-build.test.ts fails when they are not what the sources give.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Output files, and the compiler options that only they have. */
export const builds = {
  "src/kernel/kernel.wasm": [],
  "src/kernel/kernel-fast.wasm": ["--enable", "relaxed-simd"],
};

const options = [
  ["src/kernel/assembly/index.ts", "--baseDir", root, "-O3", "--converge", "--noAssert"],
  ["--runtime", "stub", "--enable", "simd,threads,bulk-memory", "--use", "abort="],
  // One memory for all threads; 32768 pages are MAX_MEMORY_BYTES.
  ["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "32768"],
].flat();

/** The bytes of one build. */
export async function compileKernel(extraOptions) {
  let bytes;
  const { error, stderr } = await asc.main([...options, ...extraOptions, "-o", "kernel.wasm"], {
    writeFile: (_name, contents) => {
      bytes = contents;
    },
  });
  if (error) throw new Error(`the kernel does not compile:\n${stderr}`, { cause: error });
  return bytes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, extraOptions] of Object.entries(builds)) {
    await writeFile(new URL(`../../${file}`, import.meta.url), await compileKernel(extraOptions));
  }
}
