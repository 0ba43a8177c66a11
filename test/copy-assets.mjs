// Part of the build: what tsc does not copy. The kernel lies beside the module that loads it.
import { copyFileSync } from "node:fs";

for (const name of ["kernel.wasm", "kernel-fast.wasm"]) {
  copyFileSync(
    new URL(`../src/kernel/${name}`, import.meta.url),
    new URL(`../dist/kernel/${name}`, import.meta.url),
  );
}
