/** The bodies of requests and answers as JSON Schema, for the API's description. */
import { DATATYPES } from "./datatypes.ts";

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const number: Schema = { type: "number" };
const boolean: Schema = { type: "boolean" };

function object(properties: Schema, required: readonly string[] = []): Schema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

/** A reference to one of `SCHEMAS`. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const parameters = (properties: Schema = {}): Schema => ({
  ...object(properties),
  description: "Others are left aside.",
});

const rowClass: Schema = {
  ...text,
  maxLength: 200,
  description: "What the rows are called, if they must not leave a zone.",
};
const interval: Schema = {
  ...number,
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  description: "Also say what this part of the truths lies between.",
};
const bound: Schema = {
  ...list({ type: ["number", "null"] }),
  description: "If asked for by interval. null where experts stood in for another.",
};
const datatype: Schema = { enum: DATATYPES };
const shape: Schema = { ...list({ type: "integer" }), minItems: 1, maxItems: 2 };
const data: Schema = {
  ...list({ type: ["number", "string", "boolean", "null", "array"] }),
  description: "Flat, or a list of rows. null is a missing value.",
};
const binarySize: Schema = {
  type: "integer",
  description: "Bytes of this tensor after the JSON, instead of data.",
};
const tensorFacts = object({ name: text, datatype, shape }, ["name", "datatype", "shape"]);

const PROTOCOL: Schema = {
  Error: object({ error: { ...text, description: "What must hold, and what was found." } }, [
    "error",
  ]),
  ServerMetadata: object({ name: text, version: text, extensions: list(text) }, [
    "name",
    "version",
    "extensions",
  ]),
  Live: object({ live: boolean }, ["live"]),
  Ready: object({ ready: boolean }, ["ready"]),
  ModelReady: object({ name: text, ready: boolean }, ["name", "ready"]),
  ModelMetadata: object(
    {
      name: text,
      versions: list(text),
      platform: text,
      inputs: { ...list(tensorFacts), description: "One tensor a column of the model." },
      outputs: list(tensorFacts),
      parameters: object({ version: text, digest: text, target: text }),
      rows: { ...tensorFacts, description: "The one tensor that may stand for all inputs." },
      routing_outputs: {
        ...list(tensorFacts),
        description: "Outputs that are given when asked for by name.",
      },
      interval_outputs: {
        ...list(tensorFacts),
        description: "Outputs that the parameter interval adds; absent if the model has none.",
      },
      highest_interval: { ...number, description: "The highest level of interval." },
    },
    ["name", "versions", "platform", "inputs", "outputs"],
  ),
  InferRequest: object(
    {
      id: { ...text, maxLength: 1000, description: "Given back in the answer." },
      inputs: { ...list(ref("InputTensor")), minItems: 1 },
      outputs: list(ref("OutputRequest")),
      parameters: parameters({
        routing: { ...boolean, description: "Say how each row was routed." },
        interval,
        binary_data_output: { ...boolean, description: "Send outputs as bytes." },
        class: rowClass,
      }),
    },
    ["inputs"],
  ),
  InputTensor: object(
    { name: text, shape, datatype, data, parameters: parameters({ binary_data_size: binarySize }) },
    ["name", "shape", "datatype"],
  ),
  OutputRequest: object({ name: text, parameters: parameters({ binary_data: boolean }) }, ["name"]),
  InferAnswer: object(
    {
      model_name: text,
      model_version: text,
      id: text,
      parameters: object({
        digest: text,
        degraded: { ...boolean, description: "An expert could not answer, others stood in." },
        expert: { ...text, description: "Of the only row, as the facts below." },
        expert_version: { ...text, description: "The SHA-256 of the expert's parameters." },
        gate_score: number,
        novelty: { ...number, description: "Above 1: unlike what the expert was trained on." },
      }),
      outputs: list(ref("OutputTensor")),
    },
    ["model_name", "model_version", "outputs"],
  ),
  OutputTensor: object(
    { name: text, datatype, shape, data, parameters: object({ binary_data_size: binarySize }) },
    ["name", "datatype", "shape"],
  ),
};

const OWN: Schema = {
  PredictRequest: object(
    {
      model: { ...text, description: "May be left out where one model is served." },
      version: text,
      explain: { ...boolean, description: "Say how each row was routed." },
      interval,
      class: rowClass,
      rows: {
        ...list({ type: "object" }),
        description: "Cells by column name. Keys that are no columns are left aside.",
      },
    },
    ["rows"],
  ),
  PredictAnswer: object(
    {
      model: text,
      version: text,
      predictions: list(number),
      lower: bound,
      upper: bound,
      degraded: { ...boolean, description: "There, and true, if experts stood in for another." },
      routes: list(
        object({
          members: list(
            object({
              weight: {
                ...number,
                description: "Of the member; one of 0 explains and does not predict.",
              },
              expert: text,
              gateScore: number,
              scores: list(number),
              novelty: number,
            }),
          ),
          degraded: boolean,
        }),
      ),
    },
    ["model", "version", "predictions"],
  ),
  Overview: object(
    {
      server: object({ version: text, uptimeS: number, queueRows: number }),
      models: list({ type: "object" }),
    },
    ["server", "models"],
  ),
};

export const SCHEMAS: Schema = { ...PROTOCOL, ...OWN };
