// Layers, lowest first. A folder may import itself and the folders listed for it, nothing else.
const MAY_IMPORT = {
  shared: [],
  data: ["shared"],
  metrics: ["shared"],
  kernel: ["shared"],
  competition: ["shared"],
  experts: ["shared", "kernel"],
  gate: ["shared", "experts"],
  mixture: ["shared", "data", "metrics", "experts", "gate", "competition"],
  bundle: ["shared", "data", "experts", "gate", "mixture"],
  experiments: ["shared", "data", "metrics", "experts", "mixture", "bundle"],
  benches: ["shared", "data", "metrics", "experts", "mixture", "experiments"],
  reports: ["shared", "experiments", "mixture"],
  api: ["shared", "data", "experts", "mixture", "bundle"],
  cli: [
    "shared",
    "data",
    "metrics",
    "experts",
    "gate",
    "mixture",
    "bundle",
    "experiments",
    "benches",
    "reports",
    "api",
  ],
};
// Third-party packages that have one home.
const HOMES = {
  arquero: "src/data/",
  "libsvm-js": "src/gate/",
  "ml-matrix": "src/experts/",
  "ml-kmeans": "src/experiments/",
  "@observablehq/plot": "src/reports/",
  linkedom: "src/reports/",
  fastify: "src/api/",
  commander: "src/cli/",
  "cli-progress": "src/cli/",
  "@tensorflow/tfjs": "src/experts/",
};
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "src-never-imports-test",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^test/" },
    },
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
      name: `layer-${folder}`,
      severity: "error",
      from: { path: `^src/${folder}/` },
      to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
    })),
    {
      name: "through-the-front-door",
      severity: "error",
      comment: "Import another folder through its index.ts; shared is exempt.",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/.+", pathNot: "^src/($1|shared)/|/index[.]ts$" },
    },
    ...Object.entries(HOMES).map(([name, home]) => ({
      name: `home-of-${name}`,
      severity: "error",
      from: { path: "^src/", pathNot: `^${home}` },
      to: { path: `node_modules/${name}` },
    })),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^src/kernel/assembly" },
  },
};
