/** The bodies of requests and answers as JSON Schema, for the API's description. */
import { DATATYPES } from "./datatypes.ts";

export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const number: Schema = { type: "number" };
const boolean: Schema = { type: "boolean" };
const count: Schema = { type: "integer", minimum: 0 };
const numberOrNull: Schema = { type: ["number", "null"] };

function object(properties: Schema, required: readonly string[] = []): Schema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

/** A member of a request that may be left out or null. */
function optional(schema: Schema): Schema {
  return { ...schema, type: [schema["type"], "null"] };
}

/** A reference to one of `SCHEMAS`. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const parameters = (properties: Schema = {}): Schema => ({
  ...optional(object(properties)),
  description: "Others are left aside.",
});

const rowClass: Schema = {
  ...optional(text),
  maxLength: 200,
  description: "What the rows are called, if they must not leave a zone.",
};
const interval: Schema = {
  ...optional(number),
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  description: "Adds bounds that hold this part of the truths. The model says its highest level.",
};
const bound: Schema = {
  ...list(numberOrNull),
  description: "If asked for by interval. null where experts stood in for another.",
};
const novelty: Schema = {
  ...numberOrNull,
  description: "Above 1: unlike the expert's training rows; null if it had none.",
};
const datatype: Schema = { type: "string", enum: DATATYPES };
const extents: Schema = { ...list(count), minItems: 1, maxItems: 2 };
const data: Schema = {
  ...list({ type: ["number", "string", "boolean", "null", "array"] }),
  description: "Flat, or a list of rows. null is a missing value.",
};
const binarySize: Schema = {
  ...count,
  description: "Bytes of this tensor after the JSON, instead of data.",
};
const tensorFacts = object(
  {
    name: text,
    datatype,
    shape: { ...extents, items: { type: "integer", minimum: -1 }, description: "-1: any number." },
  },
  ["name", "datatype", "shape"],
);

const HAS_DATA = object({ data: { type: "array" } }, ["data"]);
const HAS_SIZE = object(
  { parameters: object({ binary_data_size: { type: "integer" } }, ["binary_data_size"]) },
  ["parameters"],
);

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
      inputs: { ...list(tensorFacts), description: "One tensor for each column of the model." },
      outputs: list(tensorFacts),
      parameters: object({ version: text, digest: text, target: text }),
      rows: { ...tensorFacts, description: "The one tensor that may stand for all inputs." },
      routing_outputs: { ...list(tensorFacts), description: "Outputs that are given by name." },
      interval_outputs: {
        ...list(tensorFacts),
        description: "Outputs that the parameter interval adds; absent if the model has none.",
      },
      highest_interval: {
        ...number,
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: "The highest level of interval.",
      },
    },
    ["name", "versions", "platform", "inputs", "outputs"],
  ),
  InferRequest: object(
    {
      id: { ...optional(text), maxLength: 1000, description: "Given back in the answer." },
      inputs: { ...list(ref("InputTensor")), minItems: 1 },
      outputs: {
        ...optional(list(ref("OutputRequest"))),
        maxItems: 1000,
        description: "Default, and for an empty list: the prediction.",
      },
      parameters: parameters({
        routing: { ...optional(boolean), description: "Say how each row was routed." },
        interval,
        binary_data_output: { ...optional(boolean), description: "Send outputs as bytes." },
        class: rowClass,
      }),
    },
    ["inputs"],
  ),
  InputTensor: {
    ...object(
      {
        name: text,
        shape: extents,
        datatype,
        data: optional(data),
        parameters: parameters({ binary_data_size: optional(binarySize) }),
      },
      ["name", "shape", "datatype"],
    ),
    anyOf: [HAS_DATA, HAS_SIZE],
  },
  OutputRequest: object(
    { name: text, parameters: parameters({ binary_data: optional(boolean) }) },
    ["name"],
  ),
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
        novelty,
        warnings: {
          ...text,
          description: "In what rows differ from the training rows: a line for each column.",
        },
      }),
      outputs: list(ref("OutputTensor")),
    },
    ["model_name", "model_version", "outputs"],
  ),
  OutputTensor: object(
    {
      name: text,
      datatype,
      shape: extents,
      data: { ...data, description: "Flat. null where a number is not finite." },
      parameters: object({ binary_data_size: binarySize }),
    },
    ["name", "datatype", "shape"],
  ),
};

const MEMBER_ROUTE = object({
  weight: {
    ...number,
    minimum: 0,
    maximum: 1,
    description: "Of the member; one of 0 explains and does not predict.",
  },
  expert: text,
  gateScore: number,
  scores: list(number),
  novelty,
});

const CONTRIBUTIONS: Schema = {
  ...object(
    {
      columns: list(text),
      base: { ...number, description: "The mean answer to the model's background rows." },
      values: { ...list(list(number)), description: "For each row, a value for each column." },
      errors: { ...list(list(number)), description: "Standard errors; 0 where exact." },
      limits: { ...list(number), description: "What a bound on predictions cut, for each row." },
    },
    ["columns", "base", "values", "errors", "limits"],
  ),
  description:
    "If asked for: what each column contributes, in the target's unit. base, values and limit of " +
    "a row sum to its prediction. Absent where experts stood in for another.",
};

const ROWS: Schema = {
  PredictRequest: object(
    {
      model: {
        type: ["string", "number", "null"],
        description: "May be left out where one model is served.",
      },
      version: { type: ["string", "number", "null"] },
      explain: { ...optional(boolean), description: "Say how each row was routed." },
      contributions: {
        ...optional(boolean),
        description: "Say what each column contributes. Of few rows: each costs milliseconds.",
      },
      interval,
      class: rowClass,
      rows: {
        ...list({ type: "object" }),
        description:
          "Cells by column name. Keys that are no columns are left aside. A number in a column " +
          "of levels is compared as it is written, however long.",
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
      contributions: CONTRIBUTIONS,
      degraded: { ...boolean, description: "There, and true, if experts stood in for another." },
      warnings: {
        ...list(text),
        description:
          "In what rows differ from the training rows: a constant column has moved, or most " +
          "cells of a column are levels that training did not have. Absent where they do not.",
      },
      routes: list(object({ members: list(MEMBER_ROUTE), degraded: boolean })),
    },
    ["model", "version", "predictions"],
  ),
  Overview: object(
    {
      server: object({ version: text, uptimeS: { ...number, minimum: 0 }, queueRows: count }),
      models: list({ type: "object" }),
    },
    ["server", "models"],
  ),
};

export const SCHEMAS: Schema = { ...PROTOCOL, ...ROWS };
