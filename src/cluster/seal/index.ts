export {
  checkNodeKey,
  createNodeKey,
  formatNodeSecret,
  type NodeSecret,
  parseNodeSecret,
} from "./node-key.ts";
export { createOpener, type Opener, type SealOffer } from "./opener.ts";
export { epochSchema, isSealed, PADDED_ROWS } from "./sealed-message.ts";
export { createSealer, type Sealer } from "./sealer.ts";
