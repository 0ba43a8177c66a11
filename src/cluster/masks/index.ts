export {
  createMasker,
  LEAST_SITES,
  type Masked,
  type Masker,
  type Opened,
  type OpenRequest,
  type Roster,
  SEALED_BYTES,
  SHARE_BYTES,
  thresholdOf,
} from "./masker.ts";
export { openSum } from "./open-sum.ts";
export { KEY_BYTES } from "./secrets.ts";
export { addWords, fromWords, toWords, type Words } from "./words.ts";
