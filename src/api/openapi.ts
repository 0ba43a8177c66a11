/**
 * The API described in OpenAPI 3.1, by hand: tests hold it against the server's routes and answers.
 *
 * It says nothing of the models that are served, so every client may read it.
 */
import { JSON_LENGTH_HEADER } from "../shared/http-headers.ts";
import { packageVersion } from "../shared/version.ts";
import { ref, SCHEMAS } from "./openapi-schemas.ts";

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Fields[];
  readonly requestBody?: Fields;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly description: string;
  readonly headers?: Fields;
  readonly content?: Fields;
}

type Responses = Operation["responses"];

export interface ApiDescription {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly securitySchemes: object;
  };
}

type Fields = Readonly<Record<string, unknown>>;

const json = (schema: string): Fields => ({ "application/json": { schema: ref(schema) } });

const ok = (schema: string): Responses => ({
  "200": { description: "OK", content: json(schema) },
});

const failure = (description: string): Response => ({ description, content: json("Error") });

const retryLater = (description: string): Response => ({
  ...failure(description),
  headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer", minimum: 0 } } },
});

/** What every endpoint may answer. */
const ANY: Responses = {
  "400": failure("The address or a header is not as it must be."),
  "403": failure("A web page of another origin asks."),
  "405": {
    ...failure("The path takes other methods."),
    headers: { Allow: { description: "The methods.", schema: { type: "string" } } },
  },
  "421": failure("The server has no tokens, and the Host is not a name of its machine."),
};

/** What any endpoint that asks for a token may answer. */
const GUARDED: Responses = {
  ...ANY,
  "401": failure("A token is asked for, and none or a wrong one was given."),
  "429": retryLater("More requests a second than the limit."),
  "503": retryLater("The server is at a limit, or experts cannot be reached."),
};

const NOT_FOUND: Responses = { "404": failure("No model of this name and version is served.") };

const BAD_BODY: Responses = {
  "400": failure("The request is not as it must be."),
  "408": failure("The body came too slowly."),
  "413": failure("The body, or its number of rows, is over the limit."),
  "415": failure("The body is of another type, or a web page sent it without a type."),
  "422": failure("A column is missing, or holds what it cannot."),
};

/** The model's name and, where the path has it, its version. */
const pathParameters = (path: string): readonly Fields[] =>
  ["model", "version", "hash"]
    .filter((name) => path.includes(`{${name}}`))
    .map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));

/** JSON, or JSON with binary tensors after it. */
const withTensors = (schema: string): Fields => ({
  ...json(schema),
  "application/octet-stream": {
    schema: { type: "string", contentMediaType: "application/octet-stream" },
  },
});

const LENGTH_HEADER: Fields = {
  description: "Bytes of the body that are JSON, where binary tensors follow.",
  schema: { type: "integer", minimum: 0 },
};

const LENGTH_PARAMETER: Fields = { name: JSON_LENGTH_HEADER, in: "header", ...LENGTH_HEADER };

const INFER_OK: Responses = {
  "200": {
    description: "OK; in binary if the request asks for an output in bytes.",
    headers: { "Inference-Header-Content-Length": LENGTH_HEADER },
    content: withTensors("InferAnswer"),
  },
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
        responses: {
          ...ok("ModelReady"),
          ...NOT_FOUND,
          ...GUARDED,
          "503": { description: "The server stops.", content: json("ModelReady") },
        },
      },
    },
    [`${prefix}/infer`]: {
      post: {
        operationId: `infer${suffix}`,
        summary: "Predict rows that come as tensors",
        tags,
        parameters: [...parameters, LENGTH_PARAMETER],
        requestBody: { required: true, content: withTensors("InferRequest") },
        responses: { ...GUARDED, ...INFER_OK, ...BAD_BODY, ...NOT_FOUND },
      },
    },
    [`${prefix}/experts`]: {
      post: {
        operationId: `answerExperts${suffix}`,
        summary: "Answers of named experts to rows that are preprocessed: see docs/agent.md",
        tags: ["devices"],
        parameters: [...parameters, LENGTH_PARAMETER],
        requestBody: { required: true, content: withTensors("InferRequest") },
        responses: {
          ...GUARDED,
          ...INFER_OK,
          ...BAD_BODY,
          ...NOT_FOUND,
          "409": failure("The experts answer elsewhere, on a fabric."),
        },
      },
    },
    [`${prefix}/manifest`]: {
      get: {
        operationId: `manifest${suffix}`,
        summary: "The manifest of a version, by which its blobs are checked",
        tags: ["devices"],
        parameters,
        responses: {
          "200": { description: "OK", content: { "application/json": { schema: OBJECT } } },
          "304": { description: "The digest is that of If-None-Match." },
          ...NOT_FOUND,
          ...GUARDED,
        },
      },
    },
  };
}

const OBJECT: Fields = { type: "object" };

const BYTES: Fields = {
  "application/octet-stream": {
    schema: { type: "string", contentMediaType: "application/octet-stream" },
  },
};

const BLOB_PATH = "/v2/models/{model}/blobs/{hash}";
const BLOB_PATHS: ApiDescription["paths"] = {
  [BLOB_PATH]: {
    get: {
      operationId: "blob",
      summary: "The parameters of an expert or a gate by their SHA-256, or a range of the bytes",
      tags: ["devices"],
      parameters: pathParameters(BLOB_PATH),
      responses: {
        "200": { description: "OK; never changes.", content: BYTES },
        "206": { description: "The range of bytes.", content: BYTES },
        "304": { description: "The client has it." },
        "404": failure("No such blob is served, or its kind may not be downloaded."),
        "416": failure("The range begins after the last byte."),
        ...GUARDED,
      },
    },
  },
};

/** A GET without parameters. */
const reading = (
  operationId: string,
  summary: string,
  tag: string,
  responses: Responses,
): Readonly<Record<string, Operation>> => ({
  get: { operationId, summary, tags: [tag], responses },
});

const ROW_PATHS: ApiDescription["paths"] = {
  "/v1/predict": {
    post: {
      operationId: "predictRows",
      summary: "Predict rows that come as JSON objects",
      tags: ["rows"],
      requestBody: { required: true, content: json("PredictRequest") },
      responses: { ...GUARDED, ...ok("PredictAnswer"), ...BAD_BODY, ...NOT_FOUND },
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
    ...ANY,
  }),
};

export function describeApi(): ApiDescription {
  return {
    openapi: "3.1.0",
    info: {
      title: "bailiwick",
      version: packageVersion(),
      description:
        "Predictions of mixtures of experts: the Open Inference Protocol, version 2, over REST " +
        "with the binary tensor extension, and plain rows of JSON.",
    },
    servers: [{ url: "./", description: "The folder of this document's address." }],
    tags: [
      { name: "protocol", description: "The Open Inference Protocol, version 2" },
      { name: "rows", description: "Rows as JSON objects" },
      { name: "devices", description: "Parts of a model, for devices that answer themselves" },
      { name: "operation", description: "The server's state and traffic" },
    ],
    security: [{ token: [] }, {}],
    paths: {
      "/v2": reading("describeServer", "Name, version and extensions", "protocol", {
        ...ok("ServerMetadata"),
        ...GUARDED,
      }),
      "/v2/health/live": reading("live", "Whether the server runs", "protocol", {
        ...ok("Live"),
        ...ANY,
      }),
      "/v2/health/ready": reading("ready", "Whether it takes requests", "protocol", {
        ...ok("Ready"),
        ...ANY,
        "503": { description: "It stops.", content: json("Ready") },
      }),
      ...modelPaths("/v2/models/{model}", ""),
      ...modelPaths("/v2/models/{model}/versions/{version}", "OfVersion"),
      ...BLOB_PATHS,
      ...ROW_PATHS,
    },
    components: {
      schemas: SCHEMAS,
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}
