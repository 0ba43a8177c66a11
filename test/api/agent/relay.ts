/** A server of a bundle, and a relay before it that notes what passes and may change answers. */
import { createServer as createHttp, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Row } from "../../../src/api/agent/index.ts";
import { createRegistry, createServer, type ServerOptions } from "../../../src/api/index.ts";
import { type BundleContent, readBundle, writeBundle } from "../../../src/bundle/index.ts";
import { applyPreprocessing, tableFromRecords } from "../../../src/data/index.ts";
import { createWasmEngine } from "../../../src/experts/index.ts";
import { predictMatrix } from "../../../src/mixture/index.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { type ModelPlan, temporaryFolder } from "../../bundle/models.ts";

export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export interface Relay {
  /** The model's address, through the relay. */
  readonly from: string;
  readonly passed: Passed[];
  /** Changes answers from now on; null ends the connection without one. */
  change: (request: Passed, answer: Answered) => Answered | null | Promise<Answered | null>;
  /** Writes a version and serves it. */
  update(content: BundleContent): Promise<void>;
}

const engine = await createWasmEngine();

export const PLAN: ModelPlan = {
  seed: 5,
  experts: ["mlp", "ridge", "mlp", "ridge"],
  gate: "softmax",
};
export function rowsOf(n: number, seed = 1): readonly Row[] {
  const rng = createRng(seed);
  return Array.from({ length: n }, () => ({
    water: 180 + 40 * rng.normal(),
    "mill | *type*": ["a", "<b>", "other"][rng.int(3)]!,
    age: rng.uniform() < 0.1 ? null : 100 * rng.uniform(),
  }));
}

export function expectedOf({ model }: BundleContent, rows: readonly Row[]): Float64Array {
  const { preprocessing } = model;
  const X = applyPreprocessing(preprocessing, tableFromRecords(rows, preprocessing));
  return predictMatrix(engine, model, X).values;
}

export const isBlob = ({ path }: { readonly path: string }): boolean => path.includes("/blobs/");

export async function startRelay(
  content: BundleContent,
  options: ServerOptions = {},
): Promise<Relay> {
  const folder = temporaryFolder();
  const registry = createRegistry({ engine });
  const { http } = createServer(registry, options);
  const update = async (next: BundleContent): Promise<void> => {
    await writeBundle(folder, next);
    registry.put("m", [await readBundle(folder)]);
  };
  await update(content);
  await http.ready();
  const passed: Passed[] = [];
  const relay = createHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const asked = { method, path: url, headers, body: Buffer.concat(chunks) };
    passed.push(asked);
    const {
      statusCode: status,
      headers: said,
      rawPayload: body,
    } = await http.inject({
      method: method as "GET",
      url,
      headers: { ...headers, host: "localhost" },
      payload: asked.body,
    });
    const answer = { status, headers: said as Record<string, string>, body };
    const changed = await handle.change(asked, answer);
    if (changed === null) return request.socket.destroy();
    const length = String(changed.body.length);
    response.writeHead(changed.status, { ...changed.headers, "content-length": length });
    return response.end(changed.status === 304 ? undefined : changed.body);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    relay.closeAllConnections();
    relay.close();
    await http.close();
  });
  const { port } = relay.address() as AddressInfo;
  const handle: Relay = {
    from: `http://127.0.0.1:${port}/v2/models/m`,
    passed,
    change: (_request, answer) => answer,
    update,
  };
  return handle;
}
