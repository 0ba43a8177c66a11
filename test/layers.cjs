// Layers, lowest first. A folder may import itself and the folders listed for it, nothing else.
// A folder within another has a two-part name and rules of its own.
const FIT = ["shared", "data", "metrics", "experts", "mixture", "explain", "bundle"];
const CLUSTER = [
  "cluster/audit",
  "cluster/fabric",
  "cluster/nodes",
  "cluster/router",
  "cluster/training",
  "cluster/placement",
  "cluster/residency",
  "cluster/forecast",
  "cluster/simulation",
  "cluster/orchestration",
];
const UPDATE = ["update/store", "update/watch", "update/decide", "update/train", "update/commit"];
const MAY_IMPORT = {
  shared: [],
  data: ["shared"],
  "data/mirror": ["shared", "data"],
  metrics: ["shared"],
  kernel: ["shared"],
  competition: ["shared"],
  experts: ["shared", "kernel"],
  gate: ["shared", "experts"],
  mixture: ["shared", "data", "metrics", "experts", "gate", "competition"],
  explain: ["shared", "data", "metrics", "experts", "gate", "mixture", "explain/contributions"],
  "explain/contributions": ["shared", "data", "experts", "mixture", "explain"],
  onnx: ["shared", "data", "experts", "gate", "mixture"],
  bundle: ["shared", "data", "experts", "gate", "mixture", "explain", "onnx"],
  // The stages of an update, each of which knows those before it.
  "update/store": ["shared", "data", "mixture"],
  "update/watch": [
    "shared",
    "data",
    "metrics",
    "experts",
    "mixture",
    "explain",
    "update",
    "update/store",
  ],
  "update/decide": [...FIT, "gate", "update", "update/watch"],
  "update/train": [...FIT, "gate", "update", "update/store", "update/watch", "update/decide"],
  "update/commit": [
    ...FIT,
    "update",
    "update/store",
    "update/watch",
    "update/decide",
    "update/train",
  ],
  update: [...FIT, "gate", ...UPDATE],
  "cluster/audit": ["shared"],
  "cluster/fabric": ["shared"],
  "cluster/placement": ["shared"],
  "cluster/forecast": ["shared"],
  "cluster/residency": ["shared"],
  "cluster/simulation": ["shared", "cluster/placement", "cluster/residency"],
  "cluster/nodes": ["shared", "experts", "bundle", "cluster/fabric"],
  "cluster/router": [
    "shared",
    "experts",
    "gate",
    "mixture",
    "bundle",
    "cluster/fabric",
    "cluster/nodes",
  ],
  "cluster/orchestration": [
    "shared",
    "cluster/audit",
    "cluster/fabric",
    "cluster/placement",
    "cluster/forecast",
    "cluster/simulation",
    "cluster/nodes",
    "cluster/router",
  ],
  "cluster/training": [
    "shared",
    "experts",
    "mixture",
    "bundle",
    "cluster/fabric",
    "cluster/router",
  ],
  api: ["shared", "data", "experts", "mixture", "explain", "bundle"],
  "api/dashboard": ["shared", "api"],
  "api/client": ["shared"],
  "api/agent": ["shared", "data", "experts", "mixture", "bundle", "cluster/residency"],
  library: [...FIT, "gate", "update", "update/store"],
  experiments: [...FIT, "library", "reports/facts"],
  // What pages show, as plain data; the pages themselves know no model.
  "reports/facts": [...FIT, "library"],
  reports: ["shared", "experiments", "library", "mixture", "explain", "reports/facts"],
  benches: [
    ...FIT,
    "gate",
    "library",
    "onnx",
    "update",
    "update/store",
    "experiments",
    "reports",
    "reports/facts",
    ...CLUSTER,
  ],
  cli: [
    ...FIT,
    "cli/bench",
    "data/mirror",
    "gate",
    "update",
    "update/store",
    "library",
    "experiments",
    "reports",
    "reports/facts",
    "api",
    "api/dashboard",
    ...CLUSTER,
  ],
  "cli/bench": [
    ...FIT,
    "library",
    "cli",
    "update",
    "experiments",
    "benches",
    "reports",
    "cluster/simulation",
  ],
};
// Third-party packages that have one home.
const HOMES = {
  arquero: "src/data/",
  "@uwdata/flechette": "src/data/",
  fzstd: "src/data/",
  fflate: "src/data/mirror/",
  "libsvm-js": "src/gate/",
  "ml-matrix": "src/(experts|explain|cluster/forecast)/",
  "ml-kmeans": "src/(experiments|explain)/",
  "@observablehq/plot": "src/(reports|benches/accuracy/report)/",
  linkedom: "src/reports/",
  pbf: "src/onnx/",
  valibot: "src/(bundle|data|api/agent)/",
  "@noble/hashes": "src/shared/",
  highs: "src/cluster/placement/",
  fastify: "src/api/",
  "@fastify/rate-limit": "src/api/",
  "prom-client": "src/api/",
  commander: "src/cli/",
  "cli-progress": "src/cli/",
  "@tensorflow/tfjs": "src/experts/",
  "@nats-io": "src/cluster/fabric/",
};

/** The folder's own files as a pattern: those of folders within it that have rules are not its. */
function ownFiles(folder) {
  const within = Object.keys(MAY_IMPORT).filter((name) => name.startsWith(`${folder}/`));
  const others = within.map((name) => `${name.slice(folder.length + 1)}/`).join("|");
  return others === "" ? `${folder}/` : `${folder}/(?!${others})`;
}

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "src-never-imports-test",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|experiments)/" },
    },
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
      name: `layer-${folder}`,
      severity: "error",
      from: { path: `^src/${ownFiles(folder)}` },
      to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].map(ownFiles).join("|")})` },
    })),
    ...Object.keys(MAY_IMPORT)
      .filter((folder) => folder !== "shared")
      .map((folder) => ({
        name: `front-door-of-${folder}`,
        severity: "error",
        comment:
          "Import another folder through its index.ts; shared and a folder's parent are exempt.",
        from: { path: "^src/", pathNot: `^src/${folder}/` },
        to: { path: `^src/${ownFiles(folder)}`, pathNot: "/index[.]ts$" },
      })),
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
