/**
 * Models behind the Open Inference Protocol, version 2, over REST in JSON.
 *
 * A request's columns become a table by name, as a file's would, and go through the same `predict`:
 * the answers are those of the command, to the last bit. Errors are `{ "error": … }` with what must
 * hold and what was found, never a stack or a path.
 */
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { Bundle } from "../bundle/index.ts";
import type { Engine } from "../experts/index.ts";
import { type Prediction, predict } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { packageVersion } from "../shared/version.ts";
import { type InferRequest, requestSchema, shorten, tableOf } from "./tensors.ts";

export interface ServedBundle {
  readonly name: string;
  readonly bundle: Bundle;
}

export interface ServerOptions {
  readonly engine: Engine;
  /** Takes the stack of what the server failed at; stderr if left out. */
  readonly log?: (text: string) => void;
}

/** The largest body of a request. */
export const MAX_BODY_BYTES: number = 16 << 20;
/** A client that has not sent its whole request by then is cut off. */
const REQUEST_TIMEOUT_MS = 60_000;

interface ModelParams {
  readonly model: string;
  readonly version?: string;
}

/** A server that is not listening yet. Closing it finishes the requests in flight. */
export function createServer(
  served: readonly ServedBundle[],
  { engine, log = (text) => process.stderr.write(text) }: ServerOptions,
): FastifyInstance {
  const answerError = errorAnswerer(log);
  const server = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logger: false,
    frameworkErrors: answerError,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  server.removeContentTypeParser("text/plain");
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((request, reply) => {
    reply.status(404).send({ error: `no such endpoint: ${request.method} ${pathOf(request)}` });
  });
  addHeaders(server);
  addServerRoutes(server);
  const bundles = new Map(served.map(({ name, bundle }) => [name, bundle]));
  for (const prefix of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    addModelRoutes(server, prefix, bundles, engine);
  }
  return server;
}

/** A closing server would wait for a kept-alive connection until it times out, so it ends them. */
function addHeaders(server: FastifyInstance): void {
  let closing = false;
  server.addHook("preClose", async () => {
    closing = true;
  });
  server.addHook("onSend", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
    if (closing) reply.header("connection", "close");
  });
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
  server.post(`${prefix}/infer`, { schema: { body: requestSchema } }, (request) => {
    const bundle = bundleOf(request);
    const asked = request.body as InferRequest;
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

/**
 * The outputs asked for; the prediction alone if none are named.
 *
 * @throws INVALID_OPTION for an unknown name, or one that comes twice: an answer's size is bounded
 *   by the model's outputs, not by the request.
 */
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
  const names = outputs?.map(({ name }) => name) ?? ["prediction"];
  return names.map((name, place) => {
    const output = known.get(name);
    if (output === undefined) {
      const message = `outputs must be among ${[...known.keys()].join(", ")}, got "${shorten(name)}"`;
      throw new BailiwickError("INVALID_OPTION", message);
    }
    if (names.indexOf(name) !== place) {
      throw new BailiwickError("INVALID_OPTION", `output "${name}" must be asked for once`);
    }
    return { name, ...output };
  });
}

/** Ours say what must hold; fastify's own 4xx are safe to pass on; the rest is ours to log. */
function errorAnswerer(log: (text: string) => void) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, message } = publicError(error);
    if (message !== undefined) {
      reply.status(status).send({ error: message });
      return;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log(`${request.method} ${pathOf(request)} failed: ${text}\n`);
    reply.status(status).send({ error: "the server failed to answer this request" });
  };
}

/** The status, and the message unless the failure is the server's. */
function publicError(error: unknown): { readonly status: number; readonly message?: string } {
  if (error instanceof BailiwickError) {
    const { httpStatus: status, message } = error;
    return status < 500 ? { status, message } : { status };
  }
  const { statusCode, code, message } = error as Partial<FastifyError>;
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return { status: 500 };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return { status: statusCode, message: `a request must be at most ${MAX_BODY_BYTES} bytes` };
  }
  return { status: statusCode, message: message ?? "the request must be valid" };
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0]!;
}
