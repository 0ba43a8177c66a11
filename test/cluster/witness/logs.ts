/** Logs, witnesses and policies for tests. */
import { join } from "node:path";
import {
  createSigner,
  formatVerifier,
  openWitness,
  type Policy,
  parsePolicy,
  type SignerKey,
  serveWitness,
  type VerifierKey,
  type WitnessServer,
} from "../../../src/cluster/witness/index.ts";
import { makeFolder } from "../../../src/shared/folders.ts";

export interface TestWitness {
  readonly key: VerifierKey;
  readonly folder: string;
  readonly url: string;
  /** Ends it, and starts it again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A witness of ours, over HTTP. */
export async function startWitness(
  parent: string,
  name: string,
  logs: readonly VerifierKey[],
): Promise<TestWitness> {
  const key: SignerKey = createSigner("witness", `${name}.example`);
  const folder = join(parent, name);
  await makeFolder(folder);
  let now = 1_700_000_000;
  const nowSeconds = (): number => ++now;
  const open = async (port: number): Promise<WitnessServer> =>
    serveWitness(await openWitness({ folder, key, logs, nowSeconds }), {
      host: "127.0.0.1",
      port,
      log: () => undefined,
    });
  let server = await open(0);
  const { url } = server;
  return {
    key: key.verifier,
    folder,
    url,
    stop: () => server.close(),
    start: async () => {
      server = await open(Number(new URL(url).port));
    },
  };
}

/** Witnesses w1, w2, … of which so many must sign. */
export function policyOf(
  log: VerifierKey,
  witnesses: readonly { readonly key: VerifierKey; readonly url: string }[],
  least: number,
): Policy {
  return parsePolicy(policyTextOf(log, witnesses, least));
}

export function policyTextOf(
  log: VerifierKey,
  witnesses: readonly { readonly key: VerifierKey; readonly url: string }[],
  least: number,
): string {
  const lines = witnesses.map(
    ({ key, url }, i) => `witness w${i + 1} ${formatVerifier(key)} ${url}`,
  );
  const names = witnesses.map((_, i) => `w${i + 1}`).join(" ");
  return [
    `log ${formatVerifier(log)}`,
    ...lines,
    `group witnesses ${least} ${names}`,
    "quorum witnesses\n",
  ].join("\n");
}
