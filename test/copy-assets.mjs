// Part of the build: what tsc does not copy. Each file lies beside the module that loads it.
import { copyFileSync } from "node:fs";

const ASSETS = [
  "kernel/kernel.wasm",
  "kernel/kernel-fast.wasm",
  "dashboard/page.html",
  "dashboard/page.css",
  "dashboard/page.js",
];

for (const name of ASSETS) {
  copyFileSync(
    new URL(`../src/${name}`, import.meta.url),
    new URL(`../dist/${name}`, import.meta.url),
  );
}
