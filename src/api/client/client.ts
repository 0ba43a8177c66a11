/**
 * A client of `bailiwick serve`: rows of JSON or binary tensors in, predictions and routes out.
 *
 * It needs nothing of its platform but `fetch`, so it runs in Node and in browsers.
 */
import { BailiwickError, checkInteger } from "../../shared/errors.ts";
import { JSON_LENGTH_HEADER } from "../../shared/http-headers.ts";
import type { ModelMetadata, Predictions } from "./answer-types.ts";
import { metadataSchema, predictionsSchema, readAnswer } from "./answers.ts";
import { type Received, type Sent, send, type Transport } from "./http.ts";
import { decodeAnswer, encodeRequest, type InputTensor, type OutputTensor } from "./tensors.ts";

export interface ClientOptions {
  /** The server's address, for example "http://localhost:8080"; it may end with a path. */
  readonly url: string;
  /** A bearer token, where the server asks for one. */
  readonly token?: string;
  /** For one attempt. Default 30,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first, where the server is busy or not there. Default 3. */
  readonly retries?: number;
}

/** Columns by name. A column that a row lacks is missing. */
export type Row = Readonly<Record<string, number | string | boolean | null>>;

export interface CallOptions {
  /** A version by its number. Default: the current one. */
  readonly version?: string;
  readonly signal?: AbortSignal;
}

export interface PredictOptions extends CallOptions {
  /** Needed where several models are served. */
  readonly model?: string;
  /** Whether the answer says how rows were routed. Default false. */
  readonly explain?: boolean;
  /** Whether the answer says what each column contributes; of at most 100 rows. Default false. */
  readonly contributions?: boolean;
  /** The part of the truths that `lower` and `upper` shall hold, above 0 and below 1. */
  readonly interval?: number;
}

export interface InferOptions extends CallOptions {
  readonly inputs: readonly InputTensor[];
  /** Outputs by name. Default: the prediction. */
  readonly outputs?: readonly string[];
  /** A level: adds the outputs `lower` and `upper`, NaN where experts stood in for another. */
  readonly interval?: number;
  /** Given back in the answer. */
  readonly id?: string;
}

export interface Inference {
  readonly model: string;
  readonly version: string;
  readonly id: string | null;
  /** By name. */
  readonly outputs: ReadonlyMap<string, OutputTensor>;
}

/** Each call throws REQUEST_REFUSED (it must change) or SERVER_UNAVAILABLE (try later). */
export interface Client {
  /** Whether the server takes requests; false where none answers. Asks once. */
  isReady(): Promise<boolean>;
  metadata(model: string, options?: CallOptions): Promise<ModelMetadata>;
  predict(rows: readonly Row[], options?: PredictOptions): Promise<Predictions>;
  /** The same numbers as `predict`, as binary tensors: less to send, less to parse. */
  infer(model: string, options: InferOptions): Promise<Inference>;
}

const TIMEOUT_MS = 30_000;
const RETRIES = 3;

/**
 * Connects to nothing yet.
 *
 * @throws INVALID_OPTION for an address that is none, or that holds credentials.
 */
export function createClient({
  url,
  token,
  timeoutMs = TIMEOUT_MS,
  retries = RETRIES,
}: ClientOptions): Client {
  checkInteger("timeoutMs", timeoutMs, 1, 2 ** 31 - 1);
  checkInteger("retries", retries, 0, 100);
  const headers: Record<string, string> = {};
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const transport: Transport = { url: addressOf(url), headers, timeoutMs, retries };
  const ask = (sent: Sent): Promise<Received> => send(transport, sent);
  return {
    isReady: async () => {
      try {
        await send({ ...transport, retries: 0 }, { method: "GET", path: "/v2/health/ready" });
        return true;
      } catch (error) {
        if (error instanceof BailiwickError) return false;
        throw error;
      }
    },
    metadata: async (model, { version, signal } = {}) => {
      const sent = { method: "GET", path: modelPath(model, version), signal } as const;
      return readAnswer((await ask(sent)).bytes, metadataSchema);
    },
    predict: async (rows, { signal, ...asked } = {}) => {
      const body = JSON.stringify({ ...asked, rows });
      const json = { "content-type": "application/json" };
      const sent = { method: "POST", path: "/v1/predict", headers: json, body, signal } as const;
      return readAnswer((await ask(sent)).bytes, predictionsSchema);
    },
    infer: (model, options) => infer(ask, model, options),
  };
}

async function infer(
  ask: (sent: Sent) => Promise<Received>,
  model: string,
  { inputs, outputs, interval, id, version, signal }: InferOptions,
): Promise<Inference> {
  const request = {
    ...(id === undefined ? {} : { id }),
    ...(outputs === undefined ? {} : { outputs: outputs.map((name) => ({ name })) }),
    parameters: { binary_data_output: true, ...(interval === undefined ? {} : { interval }) },
  };
  const { bytes, jsonLength } = encodeRequest(request, inputs);
  const headers = {
    "content-type": "application/octet-stream",
    [JSON_LENGTH_HEADER]: String(jsonLength),
  };
  const path = `${modelPath(model, version)}/infer`;
  const received = await ask({ method: "POST", path, headers, body: bytes, signal });
  const answered = received.headers.get(JSON_LENGTH_HEADER);
  const decoded = decodeAnswer(received.bytes, answered);
  return {
    model: decoded.model,
    version: decoded.version,
    id: decoded.id,
    outputs: new Map(decoded.outputs.map((output) => [output.name, output])),
  };
}

/** The address without a slash at its end. No message shows one that may hold a password. */
function addressOf(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw invalidAddress("be a web address, as http://localhost:8080");
  }
  if (address.username !== "" || address.password !== "") {
    throw invalidAddress("hold no user name and no password: a token goes into `token`");
  }
  if (address.search !== "" || address.hash !== "") {
    throw invalidAddress("end with its host or path, without ? and #");
  }
  return address.href.replace(/\/$/, "");
}

function invalidAddress(must: string): BailiwickError {
  return new BailiwickError("INVALID_OPTION", `url must ${must}`);
}

function modelPath(model: string, version: string | undefined): string {
  const path = `/v2/models/${encodeURIComponent(model)}`;
  return version === undefined ? path : `${path}/versions/${encodeURIComponent(version)}`;
}
