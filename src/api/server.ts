/**
 * Models behind the Open Inference Protocol, version 2, over REST in JSON.
 *
 * A request's columns become a table by name, as a file's would, and go through the same `predict`:
 * the answers are those of the command, to the last bit. Errors are `{ "error": … }` with what must
 * hold and what was found, never a stack or a path.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Bundle } from "../bundle/index.ts";
import type { Engine } from "../experts/index.ts";
import { type Prediction, predict } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { packageVersion } from "../shared/version.ts";
import { type InferRequest, parseRequest, tableOf } from "./tensors.ts";

export interface ServedBundle {
  readonly name: string;
  readonly bundle: Bundle;
}

export interface ServerOptions {
  readonly engine: Engine;
}

/** The largest body of a request. */
export const MAX_BODY_BYTES: number = 16 << 20;

interface ModelParams {
  readonly model: string;
  readonly version?: string;
}

/** A server that is not listening yet. */
export function createServer(
  served: readonly ServedBundle[],
  { engine }: ServerOptions,
): FastifyInstance {
  const server = fastify({ bodyLimit: MAX_BODY_BYTES, logger: false });
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((request, reply) => {
    reply.status(404).send({ error: `no such endpoint: ${request.method} ${pathOf(request)}` });
  });
  server.addHook("onSend", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
  });
  addServerRoutes(server);
  const bundles = new Map(served.map(({ name, bundle }) => [name, bundle]));
  for (const prefix of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    addModelRoutes(server, prefix, bundles, engine);
  }
  return server;
}

function addServerRoutes(server: FastifyInstance): void {
  server.get("/v2", () => ({ name: "bailiwick", version: packageVersion(), extensions: [] }));
  server.get("/v2/health/live", () => ({ live: true }));
  server.get("/v2/health/ready", () => ({ ready: true }));
}

function addModelRoutes(
  server: FastifyInstance,
  prefix: string,
  bundles: ReadonlyMap<string, Bundle>,
  engine: Engine,
): void {
  const bundleOf = (request: FastifyRequest): Bundle =>
    findBundle(bundles, request.params as ModelParams);
  const nameOf = (request: FastifyRequest): string => (request.params as ModelParams).model;
  server.get(prefix, (request) => describeModel(nameOf(request), bundleOf(request)));
  server.get(`${prefix}/ready`, (request) => {
    bundleOf(request);
    return { name: nameOf(request), ready: true };
  });
  server.post(`${prefix}/infer`, (request) => {
    const bundle = bundleOf(request);
    const asked = parseRequest(request.body);
    const table = tableOf(asked, bundle.model.preprocessing);
    const prediction = predict(engine, bundle.model, table);
    return {
      model_name: nameOf(request),
      model_version: String(bundle.version),
      ...(asked.id === undefined ? {} : { id: asked.id }),
      outputs: outputsOf(asked, prediction),
    };
  });
}

/** @throws BUNDLE_NOT_FOUND if no model of this name and version is served. */
function findBundle(bundles: ReadonlyMap<string, Bundle>, { model, version }: ModelParams): Bundle {
  const bundle = bundles.get(model);
  if (bundle === undefined) {
    throw new BailiwickError("BUNDLE_NOT_FOUND", `no model named "${model}" is served`, { model });
  }
  if (version !== undefined && version !== String(bundle.version)) {
    const message = `model "${model}" must be asked for in version ${bundle.version}, got "${version}"`;
    throw new BailiwickError("BUNDLE_NOT_FOUND", message, { model });
  }
  return bundle;
}

function describeModel(name: string, { model, version }: Bundle): object {
  return {
    name,
    versions: [String(version)],
    platform: "bailiwick",
    inputs: model.preprocessing.features.map((feature) => ({
      name: feature.name,
      datatype: feature.type === "number" ? "FP64" : "BYTES",
      shape: [-1],
    })),
    outputs: [
      { name: "prediction", datatype: "FP64", shape: [-1] },
      ...model.members.flatMap(({ mixture }, m) => [
        { name: outputName("expert", m), datatype: "INT32", shape: [-1] },
        { name: outputName("scores", m), datatype: "FP64", shape: [-1, mixture.experts.length] },
      ]),
    ],
  };
}

/** Routing facts of the first member go by a plain name, of others by their number. */
function outputName(what: string, m: number): string {
  return m === 0 ? what : `m${m}.${what}`;
}

/** The outputs asked for; the prediction alone if none are named. @throws INVALID_OPTION */
function outputsOf({ outputs }: InferRequest, { values, routes }: Prediction): readonly object[] {
  const nRows = values.length;
  const known = new Map<string, object>([
    ["prediction", { datatype: "FP64", shape: [nRows], data: [...values] }],
  ]);
  routes.forEach(({ experts, scores, nExperts }, m) => {
    known.set(outputName("expert", m), { datatype: "INT32", shape: [nRows], data: [...experts] });
    known.set(outputName("scores", m), {
      datatype: "FP64",
      shape: [nRows, nExperts],
      data: [...scores],
    });
  });
  return (outputs ?? [{ name: "prediction" }]).map(({ name }) => {
    const output = known.get(name);
    if (output !== undefined) return { name, ...output };
    const names = [...known.keys()].join(", ");
    throw new BailiwickError("INVALID_OPTION", `outputs must be among ${names}, got "${name}"`);
  });
}

/** Ours say what must hold; fastify's own 4xx are safe to pass on; the rest is ours to log. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof BailiwickError && error.httpStatus < 500) {
    reply.status(error.httpStatus).send({ error: error.message });
    return;
  }
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    reply.status(statusCode).send({ error: message });
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${request.method} ${pathOf(request)} failed: ${text}\n`);
  reply.status(500).send({ error: "the server failed to answer this request" });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0]!;
}
