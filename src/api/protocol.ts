/**
 * The Open Inference Protocol, version 2, over REST.
 * Source: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { applyPreprocessing, type Feature, givenFeatures } from "../data/index.ts";
import { createIntervals, highestLevel } from "../mixture/index.ts";
import { JSON_LENGTH_HEADER } from "../shared/http-headers.ts";
import type { Matrix } from "../shared/matrix.ts";
import { packageVersion } from "../shared/version.ts";
import { answeredRows } from "./answer.ts";
import { bodyOf, jsonLengthOf } from "./body.ts";
import {
  asksForRoutes,
  intervalOutputs,
  type OutputFacts,
  PREDICTION,
  routingOutputs,
  writeInferAnswer,
} from "./infer-answer.ts";
import { type InputTensor, parseInferRequest } from "./infer-request.ts";
import { matrixOf, ROWS, tableOf, takesRows } from "./inputs.ts";
import { checkRoutedRows, type Limits } from "./limits.ts";
import type { LoadedVersion, Registry } from "./registry.ts";
import { countAnswer } from "./traffic.ts";

const modelParams = z.object({ model: z.string(), version: z.string().optional() });

export interface ProtocolOptions {
  readonly registry: Registry;
  readonly limits: Limits;
  /** False while the server stops. */
  isReady(): boolean;
}

export function addProtocol(server: FastifyInstance, options: ProtocolOptions): void {
  server.get("/v2", () => ({
    name: "bailiwick",
    version: packageVersion(),
    extensions: ["binary_tensor_data", "parameters"],
  }));
  server.get("/v2/health/live", { config: { open: true } }, () => ({ live: true }));
  server.get("/v2/health/ready", { config: { open: true } }, (_request, reply) => {
    const ready = options.isReady();
    return reply.status(ready ? 200 : 503).send({ ready });
  });
  for (const prefix of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    addModel(server, prefix, options);
  }
}

function addModel(
  server: FastifyInstance,
  prefix: string,
  { registry, limits, isReady }: ProtocolOptions,
): void {
  const versionOf = (request: FastifyRequest): LoadedVersion => {
    const { model, version } = modelParams.parse(request.params);
    return registry.find(model, version);
  };
  server.get(prefix, (request) => {
    const version = versionOf(request);
    return describeModel(version, [...registry.models.get(version.name)!.versions.keys()]);
  });
  server.get(`${prefix}/ready`, (request, reply) => {
    const { name } = versionOf(request);
    const ready = isReady();
    return reply.status(ready ? 200 : 503).send({ name, ready });
  });
  server.post(`${prefix}/infer`, (request, reply) => {
    return infer(versionOf(request), request, reply, limits);
  });
}

async function infer(
  version: LoadedVersion,
  request: FastifyRequest,
  reply: FastifyReply,
  limits: Limits,
): Promise<FastifyReply> {
  const asked = parseInferRequest(bodyOf(request), jsonLengthOf(request), limits);
  const { model } = version.bundle;
  const intervalsOf = asked.interval === null ? null : createIntervals(model, asked.interval);
  const { X, warnings } = readRows(version, asked.inputs, request);
  if (asksForRoutes(asked)) checkRoutedRows(X.nRows, limits);
  const answer = answeredRows(await version.batcher.predict(X, asked.rowClass), X, intervalsOf);
  const written = writeInferAnswer(version, asked, answer, warnings);
  countAnswer(version.traffic, answer, version.novelty, reply.elapsedTime);
  if (written.jsonLength === null) return reply.type("application/json").send(written.body);
  reply.header(JSON_LENGTH_HEADER, written.jsonLength);
  return reply.type("application/octet-stream").send(written.body);
}

/** The rows as the experts see them, and in what they differ from the training rows. */
function readRows(
  { bundle, rowWatch }: LoadedVersion,
  inputs: readonly InputTensor[],
  { log }: FastifyRequest,
): { readonly X: Matrix; readonly warnings: readonly string[] } {
  const { preprocessing } = bundle.model;
  if (rowWatch === null) return { X: matrixOf(inputs, preprocessing), warnings: [] };
  const table = tableOf(inputs, preprocessing);
  const X = applyPreprocessing(preprocessing, table);
  return { X, warnings: rowWatch.warningsOf(table, log) };
}

function describeModel(version: LoadedVersion, versions: readonly string[]): object {
  const { name, bundle } = version;
  const { target } = bundle.model.preprocessing;
  const features = givenFeatures(bundle.model.preprocessing.features);
  return {
    name,
    versions,
    platform: "bailiwick",
    inputs: features.map((feature) => ({
      name: feature.name,
      datatype: datatypeOf(feature),
      shape: [-1],
    })),
    outputs: [tensorFacts(PREDICTION)],
    parameters: { version: version.version, digest: bundle.digest, target: target.name },
    ...(takesRows(features) ? { rows: rowsFacts(features) } : {}),
    routing_outputs: routingOutputs(version).map(tensorFacts),
    ...intervalFacts(version),
  };
}

/** What the parameter `interval` gives, and up to which level. */
function intervalFacts(version: LoadedVersion): object {
  const { intervals } = version.bundle.model;
  if (intervals === undefined) return {};
  const outputs = intervalOutputs(version).map(tensorFacts);
  return { interval_outputs: outputs, highest_interval: highestLevel(intervals) };
}

function datatypeOf({ type }: Feature): string {
  return type === "number" ? "FP64" : "BYTES";
}

/** The one tensor that may stand for all inputs. */
function rowsFacts(features: readonly Feature[]): object {
  const datatype = features.every(({ type }) => type === "number") ? "FP64" : "BYTES";
  return { name: ROWS, datatype, shape: [-1, features.length] };
}

function tensorFacts({ name, datatype, nColumns }: OutputFacts): object {
  return { name, datatype, shape: nColumns === 0 ? [-1] : [-1, nColumns] };
}
