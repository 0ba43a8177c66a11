/**
 * Who may ask: clients with a bearer token; without tokens, clients on this machine.
 *
 * A server without tokens checks the host name of each request, because a web page can make a
 * browser resolve the page's host name to 127.0.0.1 (DNS rebinding) and read the answers.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";
import { Refusal, shorten } from "./refusal.ts";

const MIN_TOKEN_CHARS = 16;
const MAX_TOKEN_FILE_BYTES = 1 << 20;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** Headers of every answer; a page replaces its content policy. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
};

/** Whether a token is allowed; takes the same time however much of a wrong token is right. */
export type TokenCheck = (token: string) => boolean;

/** How a token is given by its hash, so that who reads the file cannot ask. */
const HASHED = /^sha256:([0-9a-f]{64})$/i;

/**
 * @param tokens - Each as it is, or its SHA-256 as "sha256:" and 64 hexadecimal digits.
 * @throws INVALID_OPTION unless there is a token and each is long enough not to be guessed.
 */
export function createTokenCheck(tokens: readonly string[]): TokenCheck {
  if (tokens.length === 0) {
    throw new BailiwickError("INVALID_OPTION", "there must be at least one token, got none");
  }
  const broken = tokens.find((token) => /^sha256:/i.test(token) && !HASHED.test(token));
  if (broken !== undefined) {
    const message = "a token's hash must be sha256: and 64 hexadecimal digits";
    throw new BailiwickError("INVALID_OPTION", `${message}, one has ${broken.length - 7}`);
  }
  const short = tokens.find(
    (token) => token.length < MIN_TOKEN_CHARS || /[^\x21-\x7e]/.test(token),
  );
  if (short !== undefined) {
    const message = `a token must be at least ${MIN_TOKEN_CHARS} visible ASCII characters`;
    throw new BailiwickError("INVALID_OPTION", `${message}, one has ${short.length}`);
  }
  const hashes = tokens.map((token) => {
    const hex = HASHED.exec(token)?.[1];
    return hex === undefined ? hash(token) : Buffer.from(hex, "hex");
  });
  return (token) => {
    const given = hash(token);
    let isAllowed = false;
    for (const allowed of hashes) isAllowed = timingSafeEqual(allowed, given) || isAllowed;
    return isAllowed;
  };
}

function hash(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** The tokens of a file: one a line; blank lines and lines that start with # are none. */
export async function readTokens(path: string): Promise<readonly string[]> {
  const text = await readTextFile(path, {
    maxBytes: MAX_TOKEN_FILE_BYTES,
    missing: "FILE_NOT_FOUND",
    tooLarge: "DATA_TOO_LARGE",
  });
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/** True if only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === "::1" || LOOPBACK.test(host);
}

/** @throws INVALID_OPTION if other machines could reach a server that asks for no token. */
export function checkExposure(host: string, hasTokens: boolean): void {
  if (hasTokens || isLoopback(host)) return;
  const options = "(--token-file FILE, or BAILIWICK_TOKEN)";
  const message = `a server at ${host} must have tokens ${options}, other machines can reach it`;
  throw new BailiwickError("INVALID_OPTION", message, { host });
}

/**
 * What identifies the request's token if it is allowed, without showing it; null if it is not.
 *
 * @param check - null if no token is asked for.
 */
export function tokenOf({ headers }: FastifyRequest, check: TokenCheck | null): string | null {
  const token = bearerOf(headers.authorization);
  return token !== null && check?.(token) === true ? hash(token).toString("hex") : null;
}

/**
 * Why the caller is refused; null if it may ask.
 *
 * @param check - null if no token is asked for.
 */
export function checkCaller({ headers }: FastifyRequest, check: TokenCheck | null): Refusal | null {
  if (check === null) {
    const { host = "localhost" } = headers;
    if (LOOPBACK.test(host)) return null;
    return new Refusal(421, `the Host must be a name of this machine, got "${shorten(host)}"`);
  }
  const token = bearerOf(headers.authorization);
  if (token !== null && check(token)) return null;
  const actual = token === null ? "none" : "another one";
  return new Refusal(401, `Authorization must be a bearer token of this server, got ${actual}`);
}

function bearerOf(authorization = ""): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? null;
}
