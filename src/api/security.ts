/**
 * Who may ask: bearer tokens, and names of this host.
 *
 * Without tokens a server answers its own machine only. It then checks the name that it is called
 * by, because a page in a browser on this machine can be made to call 127.0.0.1 under a name of
 * its own (DNS rebinding) and would read the answers.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";
import { Refusal, shorten } from "./refusal.ts";

const MIN_TOKEN_CHARS = 16;
const MAX_TOKEN_FILE_BYTES = 1 << 20;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** Headers of every answer. What a page may load is the page's to say. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** Tells the tokens that are allowed, in a time that does not depend on how much of one is right. */
export type TokenCheck = (token: string) => boolean;

/** @throws INVALID_OPTION unless there is a token and each is long enough not to be guessed. */
export function createTokenCheck(tokens: readonly string[]): TokenCheck {
  if (tokens.length === 0) {
    throw new BailiwickError("INVALID_OPTION", "there must be at least one token, got none");
  }
  const short = tokens.find(
    (token) => token.length < MIN_TOKEN_CHARS || /[^\x21-\x7e]/.test(token),
  );
  if (short !== undefined) {
    const message = `a token must be at least ${MIN_TOKEN_CHARS} visible ASCII characters`;
    throw new BailiwickError("INVALID_OPTION", `${message}, one has ${short.length}`);
  }
  const hashes = tokens.map(hash);
  return (token) => {
    const given = hash(token);
    let found = false;
    for (const known of hashes) found = timingSafeEqual(known, given) || found;
    return found;
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
  const message = `a server at ${host} must have tokens (--token-file FILE, or BAILIWICK_TOKEN), other machines can reach it`;
  throw new BailiwickError("INVALID_OPTION", message, { host });
}

/**
 * @param check - null if no token is asked for.
 * @returns What is wrong with the request, null if nothing is.
 */
export function refuseStranger(
  { headers }: FastifyRequest,
  check: TokenCheck | null,
): Refusal | null {
  if (check === null) {
    const { host = "localhost" } = headers;
    if (LOOPBACK.test(host)) return null;
    return new Refusal(421, `the Host must be this machine's own name, got "${shorten(host)}"`);
  }
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (token !== undefined && check(token)) return null;
  const found = token === undefined ? "none" : "one that is not known";
  return new Refusal(401, `Authorization must be a bearer token of this server, got ${found}`);
}
