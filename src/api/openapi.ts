/**
 * The API described in OpenAPI 3.1, by hand: a test holds it against the server's routes.
 *
 * It says nothing of the models that are served, so anyone may read it.
 */
import { packageVersion } from "../shared/version.ts";
import { JSON_LENGTH_HEADER } from "./body.ts";
import { ref, SCHEMAS } from "./openapi-schemas.ts";

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly [field: string]: unknown;
}

export interface ApiDescription {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly [field: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

const json = (schema: string): Fields => ({ "application/json": { schema: ref(schema) } });

const ok = (schema: string): Fields => ({ "200": { description: "OK", content: json(schema) } });

const failure = (description: string): Fields => ({ description, content: json("Error") });

const retryLater = (description: string): Fields => ({
  ...failure(description),
  headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } },
});

/** What any endpoint that asks for a token may answer. */
const GUARDED: Fields = {
  "401": failure("A token is asked for, and none or a wrong one was given."),
  "429": retryLater("More requests a second than the limit."),
  "503": retryLater("The server is at a limit, or about to stop."),
};

const NOT_FOUND: Fields = { "404": failure("No model of this name and version is served.") };

const BAD_BODY: Fields = {
  "400": failure("The request is not as it must be."),
  "413": failure("The body, or its number of rows, is over the limit."),
  "415": failure("The body is of another type."),
  "422": failure("A column is missing, or holds what it cannot."),
};

/** The model's name and, where the path has it, its version. */
const pathParameters = (path: string): readonly Fields[] =>
  ["model", "version"]
    .filter((name) => path.includes(`{${name}}`))
    .map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));

const INFER_BODY: Fields = {
  required: true,
  content: {
    ...json("InferRequest"),
    "application/octet-stream": {
      schema: { type: "string", contentMediaType: "application/octet-stream" },
    },
  },
};

const LENGTH_PARAMETER: Fields = {
  name: JSON_LENGTH_HEADER,
  in: "header",
  description: "Bytes of the body that are JSON, where binary tensors follow.",
  schema: { type: "integer" },
};

function modelPaths(prefix: string, suffix: string): ApiDescription["paths"] {
  const parameters = pathParameters(prefix);
  const tags = ["protocol"];
  return {
    [prefix]: {
      get: {
        operationId: `describeModel${suffix}`,
        summary: "Inputs, outputs and versions of a model",
        tags,
        parameters,
        responses: { ...ok("ModelMetadata"), ...NOT_FOUND, ...GUARDED },
      },
    },
    [`${prefix}/ready`]: {
      get: {
        operationId: `modelReady${suffix}`,
        summary: "Whether a model answers",
        tags,
        parameters,
        responses: { ...ok("ModelReady"), ...NOT_FOUND, ...GUARDED },
      },
    },
    [`${prefix}/infer`]: {
      post: {
        operationId: `infer${suffix}`,
        summary: "Predict rows that come as tensors",
        tags,
        parameters: [...parameters, LENGTH_PARAMETER],
        requestBody: INFER_BODY,
        responses: { ...ok("InferAnswer"), ...BAD_BODY, ...NOT_FOUND, ...GUARDED },
      },
    },
  };
}

/** A GET without parameters. */
const reading = (
  operationId: string,
  summary: string,
  tag: string,
  responses: Fields,
): Readonly<Record<string, Operation>> => ({
  get: { operationId, summary, tags: [tag], responses },
});

const OWN_PATHS: ApiDescription["paths"] = {
  "/v1/predict": {
    post: {
      operationId: "predictRows",
      summary: "Predict rows that come as JSON objects",
      tags: ["rows"],
      requestBody: { required: true, content: json("PredictRequest") },
      responses: { ...ok("PredictAnswer"), ...BAD_BODY, ...NOT_FOUND, ...GUARDED },
    },
  },
  "/v1/overview": reading("overview", "Models, experts and traffic", "operation", {
    ...ok("Overview"),
    ...GUARDED,
  }),
  "/metrics": reading("metrics", "Metrics for Prometheus", "operation", {
    "200": { description: "OK", content: { "text/plain": { schema: { type: "string" } } } },
    ...GUARDED,
  }),
  "/openapi.json": reading("openapi", "This description", "operation", {
    "200": {
      description: "OK",
      content: { "application/json": { schema: { type: "object" } } },
    },
  }),
};

export function describeApi(): ApiDescription {
  return {
    openapi: "3.1.0",
    info: {
      title: "bailiwick",
      version: packageVersion(),
      description:
        "Predictions of mixtures of experts: the Open Inference Protocol, version 2, over REST with " +
        "the binary tensor extension, and plain rows of JSON.",
    },
    tags: [
      { name: "protocol", description: "The Open Inference Protocol, version 2" },
      { name: "rows", description: "Rows as JSON objects" },
      { name: "operation", description: "What the server does, and how well" },
    ],
    security: [{ token: [] }, {}],
    paths: {
      "/v2": reading("describeServer", "Name, version and extensions", "protocol", {
        ...ok("ServerMetadata"),
        ...GUARDED,
      }),
      "/v2/health/live": reading("live", "Whether the server runs", "protocol", ok("Live")),
      "/v2/health/ready": reading("ready", "Whether it takes requests", "protocol", {
        ...ok("Ready"),
        "503": { description: "It is about to stop.", content: json("Ready") },
      }),
      ...modelPaths("/v2/models/{model}", ""),
      ...modelPaths("/v2/models/{model}/versions/{version}", "OfVersion"),
      ...OWN_PATHS,
    },
    components: {
      schemas: SCHEMAS,
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}
