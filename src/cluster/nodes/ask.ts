/** How rows and answers go to a node and back: headers and 32-bit floats, row-major. */

import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Message } from "../fabric/index.ts";
import { PROTOCOL } from "./profile.ts";

/** Which expert is asked, in which version, by which plan. */
export interface Asked {
  /** As its bundle calls it, for example "m0.e1". */
  readonly expert: string;
  /** Its blob's hash. */
  readonly version: string;
  /** Of the plan that the router goes by. */
  readonly term: number;
}

/** What of a node's subjects is an expert's, followed by the version. */
export const EXPERT = "expert";

export function writeAsk({ expert, version, term }: Asked, X: Matrix): Message {
  return {
    headers: {
      protocol: String(PROTOCOL),
      expert,
      version,
      term: String(term),
      columns: String(X.nColumns),
    },
    body: bytesOf(X.values),
  };
}

/** @throws SHAPE_MISMATCH for a body that is no rows of so many columns. */
export function readAsk({ headers, body }: Message): { readonly asked: Asked; readonly X: Matrix } {
  const nColumns = Number(headers["columns"]);
  const nRows = body.length / (4 * nColumns);
  if (!Number.isInteger(nColumns) || nColumns < 1 || !Number.isInteger(nRows)) {
    const message = `a request must hold rows of ${headers["columns"]} columns, got ${body.length} bytes`;
    throw new BailiwickError("SHAPE_MISMATCH", message);
  }
  const { expert = "", version = "", term } = headers;
  const X = { values: floatsOf(body), nRows, nColumns };
  return { asked: { expert, version, term: Number(term) }, X };
}

export function writeAnswer({ expert, version }: Asked, values: Float32Array): Message {
  return { headers: { expert, version }, body: bytesOf(values) };
}

/** @throws NODE_VERSION if it is another expert's answer, or one of another version. */
export function readAnswer({ headers, body }: Message, asked: Asked, nRows: number): Float32Array {
  const { expert, version } = headers;
  if (expert !== asked.expert || version !== asked.version || body.length !== 4 * nRows) {
    const wanted = `${asked.expert} in version ${asked.version.slice(0, 12)} for ${nRows} rows`;
    const found = `${expert} in version ${version?.slice(0, 12)}, ${body.length / 4} rows`;
    throw new BailiwickError("NODE_VERSION", `the answer must be of ${wanted}, got ${found}`);
  }
  return floatsOf(body);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A copy: what comes over a wire may start anywhere, and its buffer is another's. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes.length - (bytes.length % 4));
  copy.set(bytes.subarray(0, copy.length));
  return new Float32Array(copy.buffer);
}
