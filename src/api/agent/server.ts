/**
 * A model's server, as an agent asks it: a manifest, blobs, answers of experts or to whole rows.
 *
 * A blob whose bytes do not have the hash of its name is refused, and so is what another program
 * than ours answers, the page of a network that asks for a login for example.
 */
import { SHIP_KINDS } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { JSON_LENGTH_HEADER, SHIP_HEADER, VERSION_HEADER } from "../../shared/http-headers.ts";
import { sha256 } from "../../shared/sha256.ts";
import { createAsk, type Got, type Posted, type Token } from "./http.ts";
import type { FetchedManifest, ModelSource } from "./source.ts";
import { decodeAnswers, decodePredictions, encodeAsk } from "./wire.ts";

export interface ServerAddress {
  /** "https://host/v2/models/NAME". */
  readonly from: string;
  readonly token: Token | undefined;
  readonly silentMs: number;
}

const MODEL_PATH = /^(.*)\/v2\/models\/([^/]+)$/;
const VERSION = /^\d{1,15}$/;
const ETAG = /^"[0-9a-f]{64}"$/;
const MAX_MANIFEST_BYTES = 64_000_000;
const MAX_ANSWER_BYTES = 64_000_000;

/** @throws INVALID_OPTION for an address of another form. */
export function createModelServer({ from, token, silentMs }: ServerAddress): ModelSource {
  const address = from.replace(/\/$/, "");
  const [, base, name] = MODEL_PATH.exec(address) ?? [];
  if (base === undefined || name === undefined || !isPlain(address)) {
    const message = "from must be a model's address, https://HOST/v2/models/NAME";
    throw new BailiwickError("INVALID_OPTION", `${message}; a token goes into \`token\``);
  }
  const ask = createAsk(token, silentMs);
  const post = (url: string, sent: Posted): Promise<Got> => {
    return ask(url, { method: "POST", ...sent }, MAX_ANSWER_BYTES);
  };
  return {
    manifest: async (etag, signal) => {
      const headers: Record<string, string> = etag === null ? {} : { "if-none-match": etag };
      const asked = { headers, ...(signal === undefined ? {} : { signal }) };
      const got = await ask(`${address}/manifest`, asked, MAX_MANIFEST_BYTES);
      return got.status === 304 ? null : manifestOf(got);
    },
    blob: async (hash, maxBytes) => {
      const { bytes } = await ask(`${address}/blobs/${hash}`, {}, maxBytes);
      if (sha256(bytes) === hash) return bytes;
      const message = `blob ${hash} must have the hash of its name, found other bytes`;
      throw new BailiwickError("BLOB_CORRUPT", message);
    },
    remote: {
      experts: async (version, X, asked, signal) => {
        const { bytes, jsonLength } = encodeAsk(X, asked);
        const headers = {
          "content-type": "application/octet-stream",
          [JSON_LENGTH_HEADER]: String(jsonLength),
        };
        const url = `${address}/versions/${version}/experts`;
        const got = await post(url, { body: bytes, headers, signal });
        return decodeAnswers(got.bytes, Number(got.headers.get(JSON_LENGTH_HEADER) ?? 0), asked);
      },
      rows: async (rows, signal) => {
        const body = JSON.stringify({ model: decodeURIComponent(name), rows });
        const headers = { "content-type": "application/json" };
        const got = await post(`${base}/v1/predict`, { body, headers, signal });
        return decodePredictions(got.bytes, rows.length);
      },
    },
  };
}

/** @throws SERVER_UNAVAILABLE if it is not said what it is the manifest of. */
function manifestOf({ headers, bytes }: Got): FetchedManifest {
  const version = headers.get(VERSION_HEADER) ?? "";
  const etag = headers.get("etag") ?? "";
  if (!VERSION.test(version) || !ETAG.test(etag)) {
    const message = "a bailiwick server must answer with a version and an etag, found neither";
    throw new BailiwickError("SERVER_UNAVAILABLE", message);
  }
  const ship = (headers.get(SHIP_HEADER) ?? "").split(",");
  return { bytes, version, etag, ship: SHIP_KINDS.filter((kind) => ship.includes(kind)) };
}

/** A web address without a user, a password and a query, which a log could show. */
function isPlain(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, search, hash } = new URL(address);
  return /^https?:$/.test(protocol) && username + password + search + hash === "";
}
