/**
 * A model's server, as an agent asks it: a manifest, blobs, answers of experts or to whole rows.
 *
 * What comes is bytes that are not trusted: nothing longer than expected is read, no redirect is
 * followed, and a blob whose bytes do not have the hash of its name is refused.
 */
import { SHIP_KINDS, type ShipKind } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { JSON_LENGTH_HEADER, SHIP_HEADER, VERSION_HEADER } from "../../shared/http-headers.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { sha256 } from "../../shared/sha256.ts";
import { decodeAnswers, decodePredictions, type ExpertRows, encodeAsk } from "./wire.ts";

/** Columns by name. A column that a row lacks is missing. */
export type Row = Readonly<Record<string, number | string | boolean | null>>;

/** A manifest as it came, and what its server says with it. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly version: string;
  readonly etag: string;
  readonly ship: readonly ShipKind[];
}

export interface ModelServer {
  /** null if it still is the one of that etag. */
  manifest(etag: string | null): Promise<FetchedManifest | null>;
  /** @throws BLOB_CORRUPT for bytes of another hash. */
  blob(hash: string, maxBytes: number): Promise<Uint8Array>;
  /** Answers in the order of `asked`. */
  answers(
    version: string,
    X: Matrix,
    asked: readonly ExpertRows[],
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]>;
  /** Answers to whole rows, in the target's units. */
  predictions(
    rows: readonly Row[],
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly predictions: readonly number[] }>;
}

export interface ServerAddress {
  /** "https://host/v2/models/NAME". */
  readonly from: string;
  readonly token?: string | undefined;
}

const MODEL_PATH = /^(.*)\/v2\/models\/([^/]+)$/;
const MAX_MANIFEST_BYTES = 64_000_000;
const MAX_ANSWER_BYTES = 64_000_000;

/** @throws INVALID_OPTION for an address of another form. */
export function createModelServer({ from, token }: ServerAddress): ModelServer {
  const address = from.replace(/\/$/, "");
  const [, base, name] = MODEL_PATH.exec(address) ?? [];
  if (base === undefined || name === undefined || !isPlain(address)) {
    const message = "from must be a model's address, https://HOST/v2/models/NAME";
    throw new BailiwickError("INVALID_OPTION", `${message}; a token goes into \`token\``);
  }
  const ask = createAsk(token);
  const post = (url: string, sent: Posted): Promise<Got> => {
    return ask(url, { method: "POST", ...sent }, MAX_ANSWER_BYTES);
  };
  return {
    manifest: async (etag) => {
      const headers: Record<string, string> = etag === null ? {} : { "if-none-match": etag };
      const got = await ask(`${address}/manifest`, { headers }, MAX_MANIFEST_BYTES);
      if (got.status === 304) return null;
      const ship = (got.headers.get(SHIP_HEADER) ?? "").split(",");
      return {
        bytes: got.bytes,
        version: got.headers.get(VERSION_HEADER) ?? "",
        etag: got.headers.get("etag") ?? "",
        ship: SHIP_KINDS.filter((kind) => ship.includes(kind)),
      };
    },
    blob: async (hash, maxBytes) => {
      const { bytes } = await ask(`${address}/blobs/${hash}`, {}, maxBytes);
      if (sha256(bytes) === hash) return bytes;
      const message = `blob ${hash} must have the hash of its name, found other bytes`;
      throw new BailiwickError("BLOB_CORRUPT", message);
    },
    answers: async (version, X, asked, signal) => {
      const { bytes, jsonLength } = encodeAsk(X, asked);
      const headers = {
        "content-type": "application/octet-stream",
        [JSON_LENGTH_HEADER]: String(jsonLength),
      };
      const got = await post(`${address}/versions/${version}/experts`, {
        body: bytes,
        headers,
        signal,
      });
      return decodeAnswers(got.bytes, Number(got.headers.get(JSON_LENGTH_HEADER) ?? 0), asked);
    },
    predictions: async (rows, signal) => {
      const body = JSON.stringify({ model: decodeURIComponent(name), rows });
      const headers = { "content-type": "application/json" };
      const got = await post(`${base}/v1/predict`, { body, headers, signal });
      return decodePredictions(got.bytes, rows.length);
    },
  };
}

/** A web address without a user, a password and a query, which a log could show. */
function isPlain(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, search, hash } = new URL(address);
  return /^https?:$/.test(protocol) && username + password + search + hash === "";
}

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

interface Posted {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

interface Asked extends Partial<Posted> {
  readonly method?: "POST";
}

type Ask = (url: string, asked: Asked, maxBytes: number) => Promise<Got>;

/** @throws REQUEST_REFUSED with the server's words, SERVER_UNAVAILABLE where none answers. */
function createAsk(token: string | undefined): Ask {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return async (url, asked, maxBytes) => {
    const init = {
      ...asked,
      headers: { ...authorization, ...asked.headers },
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
    } as const;
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await fetch(url, init);
      bytes = await readAtMost(response, maxBytes);
    } catch (cause) {
      if (cause instanceof BailiwickError) throw cause;
      const message = `the server must answer at ${new URL(url).host}, it did not`;
      throw new BailiwickError("SERVER_UNAVAILABLE", message, {}, cause);
    }
    if (response.ok || response.status === 304) {
      return { status: response.status, headers: response.headers, bytes };
    }
    const passing = response.status >= 500 || response.status === 429;
    const said = new TextDecoder().decode(bytes.subarray(0, 400));
    const message = `the server answered ${response.status}: ${said}`;
    const details = { status: response.status };
    throw new BailiwickError(passing ? "SERVER_UNAVAILABLE" : "REQUEST_REFUSED", message, details);
  };
}

/** @throws SERVER_UNAVAILABLE for more bytes. */
async function readAtMost({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let nBytes = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    chunks.push(next.value);
    nBytes += next.value.length;
    if (nBytes <= maxBytes) continue;
    await reader?.cancel();
    const message = `the server must answer with at most ${maxBytes} bytes`;
    throw new BailiwickError("SERVER_UNAVAILABLE", message);
  }
  const bytes = new Uint8Array(nBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
