export { assembleExpert, assembleModel, assembleOutline, type Outline } from "./assemble.ts";
export type { ExpertEntry } from "./expert-schema.ts";
export { EXPORT_FORMATS, type ExportFormat, exportModel } from "./export-model.ts";
export type { GateEntry } from "./gate-schema.ts";
export { CURRENT } from "./layout.ts";
export { removeVersions } from "./leftovers.ts";
export { lockBundle, lockBundleFolder } from "./lock.ts";
export { expertHash, type LooseExpert, readLooseExpert, writeLooseExpert } from "./loose-expert.ts";
export { manifestText, readManifest } from "./manifest.ts";
export { type BundleContent, type BundleFacts, packForExport } from "./pack-bundle.ts";
export type { Privacy } from "./privacy-schema.ts";
export {
  type Bundle,
  blobsOf,
  bundleDigest,
  manifestOf,
  readBlob,
  readBundle,
  readCurrent,
  readExperts,
  readVersion,
  type StoredExpert,
} from "./read-bundle.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type Tensor,
  type Tensors,
} from "./safetensors.ts";
export {
  FORMAT_VERSION,
  type HeldOutMetrics,
  isPreprocessing,
  type Manifest,
  type MemberEntry,
  type Provenance,
  type UpdateRecord,
} from "./schema.ts";
export {
  gateBlobs,
  mayShipExpert,
  mayShipGate,
  type Shipping,
  shippedBlobs,
} from "./shipping.ts";
export { currentStamp, listVersions } from "./versions.ts";
export {
  checkBundleFolder,
  switchVersion,
  type WriteBundleOptions,
  type WrittenBundle,
  writeBundle,
} from "./write-bundle.ts";
