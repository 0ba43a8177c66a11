/** Keys, and a router and a node that exchange sealed messages without a fabric. */
import type { Message } from "../../../src/cluster/fabric/index.ts";
import { createNodeKey, type NodeSecret } from "../../../src/cluster/seal/index.ts";
import { createSigner, type SignerKey } from "../../../src/cluster/witness/index.ts";

export const NODE = "eu.a";
export const zone: SignerKey = createSigner("log", "eu");

export function nodeSecret(
  signer: SignerKey = zone,
  { node = NODE, days = 1, now = new Date().toISOString() } = {},
): NodeSecret {
  return createNodeKey(signer, { node, days, now });
}

export function messageOf(
  text: string,
  headers: Message["headers"] = { expert: "m0.e0" },
): Message {
  return { headers, body: new TextEncoder().encode(text) };
}

export function textOf({ body }: Message): string {
  return new TextDecoder().decode(body);
}
