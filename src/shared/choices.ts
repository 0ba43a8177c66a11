/**
 * The names that options accept, apart from the code that they choose among, so that the command's
 * help and its refusals load none of it.
 */

/**
 * The training engines: `wasm-fast` is `wasm` with fused multiply-add; its bits depend on the CPU.
 */
export const ENGINES = ["wasm", "wasm-fast", "reference", "tfjs"] as const;
export type EngineName = (typeof ENGINES)[number];

/** Encodings of a text file. */
export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** A kind of gate, or the choice among kinds. */
export const GATE_CHOICES = ["auto", "tree", "svm", "softmax"] as const;
export type GateChoice = (typeof GATE_CHOICES)[number];

/** How a target is learnt: as it is, as its logarithm, or as held-out errors say. */
export const TARGET_TRANSFORMS = ["auto", "none", "log"] as const;
export type TransformChoice = (typeof TARGET_TRANSFORMS)[number];

/** Shells that a completion script can be had for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Kinds of experts, and SVM gates, by which it is said what may be downloaded from a server. */
export const SHIP_KINDS = ["mlp", "ridge", "gp", "trees", "forest", "svm"] as const;
export type ShipKind = (typeof SHIP_KINDS)[number];
/** Kinds that hold no row of the training data. */
export const DEFAULT_SHIP: readonly ShipKind[] = ["mlp", "ridge"];

/** Parts of the fabric bench, each of which can run alone. */
export const FABRIC_PARTS = [
  "plans",
  "policies",
  "forecast",
  "tuning",
  "nodes",
  "audit",
  "seal",
  "servers",
  "cluster",
] as const;
export type FabricPart = (typeof FABRIC_PARTS)[number];

/** Parts of the agent bench, each of which can run alone. */
export const AGENT_PARTS = ["page", "split"] as const;
export type AgentPart = (typeof AGENT_PARTS)[number];

/** Parts of the sites bench, each of which can run alone. */
export const SITES_PARTS = ["exactness", "traffic", "accounting", "private", "errors"] as const;
export type SitesPart = (typeof SITES_PARTS)[number];
