/** The peer "agent-page": a headless browser with a site and a proxy before the model's server. */
import { join } from "node:path";
import { z } from "zod";
import { type AbsentPeer, type PeerProcess, peerFailed } from "../peer-process.ts";
import { startPeer } from "../serving/peers.ts";

export interface Page {
  readonly versions: Readonly<Record<string, string>>;
  /** Bytes in gzip that a page loads before a model: of the agent, and of onnxruntime-web. */
  readonly sizes: { readonly agent: number; readonly ort: number };
  /** Calls a function of experiments/peers/agent/page.js. */
  run<T>(name: string, args: object, schema: z.ZodType<T>): Promise<T>;
  /** What passed to the server since the last call of this and of `find`. */
  passed(): Promise<{ readonly requests: number; readonly bytes: number }>;
  /** How many of the values are in what passed since then, in any form. */
  find(values: readonly number[], mean: number, scale: number): Promise<Found>;
  /** Milliseconds to the first answer in a new browser, over a link. */
  first(what: "agent" | "ort", args: object, link: Link): Promise<number>;
  close(): void;
}

export interface Link {
  readonly bitsPerSecond: number;
  readonly roundTripMs: number;
}

const foundSchema = z.object({ requests: z.number(), posts: z.number(), found: z.number() });
export type Found = z.infer<typeof foundSchema>;

const passedSchema = z.object({ requests: z.number(), bytes: z.number() });
const firstSchema = z.object({ ms: z.number(), prediction: z.number() });
const greetingSchema = z.union([
  z.object({ unavailable: z.string() }),
  z.object({
    versions: z.record(z.string(), z.string()),
    sizes: z.object({ agent: z.number(), ort: z.number() }),
  }),
]);

export interface OpenPageOptions {
  readonly peersFolder: string;
  /** The agent's file for pages. */
  readonly agent: string;
  /** The origin of the model's server. */
  readonly server: string;
  /** The model as onnxruntime-web takes it. */
  readonly model: Uint8Array;
}

export async function openPage(options: OpenPageOptions): Promise<Page | AbsentPeer> {
  const { peersFolder, agent, server, model } = options;
  const peer = startPeer("agent-page", peersFolder);
  const start = { agent, server, model: Buffer.from(model).toString("base64"), chromium: null };
  const greeting = await askBy(peer, start, greetingSchema);
  if ("unavailable" in greeting) {
    peer.close();
    return { name: "agent-page", absent: greeting.unavailable };
  }
  return {
    ...greeting,
    run: (name, args, schema) => askBy(peer, { run: name, args }, schema),
    passed: () => askBy(peer, { passed: true }, passedSchema),
    find: (values, mean, scale) => askBy(peer, { find: values, mean, scale }, foundSchema),
    first: async (what, args, link) =>
      (await askBy(peer, { first: what, args, link }, firstSchema)).ms,
    close: peer.close,
  };
}

/** Where the peer's script is in a folder of peers. */
export function pageScript(peersFolder: string): string {
  return join(peersFolder, "agent-page.mjs");
}

/** @throws WORKER_FAILED for an answer of another form. */
async function askBy<T>(peer: PeerProcess, question: object, schema: z.ZodType<T>): Promise<T> {
  const { success, data, error } = schema.safeParse(await peer.ask(question));
  if (success) return data;
  throw peerFailed("agent-page", `it answered otherwise: ${z.prettifyError(error)}`);
}
