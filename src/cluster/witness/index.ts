export { type Asking, askWitness, type WitnessAnswer } from "./ask-witness.ts";
export { bytesOf, sizeOf } from "./base64.ts";
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
export { type Cosignature, type Cosigned, openCosigned, openSigned } from "./cosigned.ts";
export {
  createSigner,
  formatSigner,
  formatVerifier,
  type KeyKind,
  parseSigner,
  parseVerifier,
  type SignerKey,
  type VerifierKey,
} from "./keys.ts";
export { hasGrown, hasLeaf, type TreeHead } from "./merkle-proofs.ts";
export {
  createMerkleTree,
  HASH_BYTES,
  leafHash,
  type MerkleTree,
  nHashes,
  proveGrowth,
  proveLeaf,
  type TreeHashes,
  treeRoot,
} from "./merkle-tree.ts";
export { type Policy, parsePolicy, type Witness } from "./policy.ts";
export { formatNote, MAX_NOTE_BYTES, parseNote, signaturesOf, signText } from "./signed-note.ts";
export { openWitness, type WitnessOptions, type WitnessState } from "./witness.ts";
export { serveWitness, type WitnessServer } from "./witness-server.ts";
