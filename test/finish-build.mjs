// The end of the build: what tsc does not copy, each file beside the module that loads it; the
// agent as one file for pages; and the command is made one that a shell may run, which an installer
// would do, but not for a checkout.
import { chmodSync, copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildAgent } from "./build-agent.mjs";

const ASSETS = [
  "kernel/kernel.wasm",
  "kernel/kernel-fast.wasm",
  "api/dashboard/page.html",
  "api/dashboard/page.css",
  "api/dashboard/page.js",
  "api/dashboard/tabs.js",
  "api/dashboard/charts.js",
  "api/dashboard/members.js",
  "api/dashboard/models.js",
  "api/dashboard/why.js",
  "api/dashboard/effects.js",
  "api/dashboard/form.js",
];

for (const name of ASSETS) {
  copyFileSync(
    new URL(`../src/${name}`, import.meta.url),
    new URL(`../dist/${name}`, import.meta.url),
  );
}

await buildAgent(
  fileURLToPath(new URL("../dist/api/agent/index.js", import.meta.url)),
  fileURLToPath(new URL("../dist/agent.js", import.meta.url)),
);

chmodSync(new URL("../dist/cli/main.js", import.meta.url), 0o755);
