/**
 * Which web pages may ask: those of this server, and those of the origins that it was started with.
 *
 * A page of any site can make a browser send requests to this machine. The browser says so, by
 * `Sec-Fetch-Site` and `Origin`, and such a request is refused before it is looked at. Programs
 * that are no browsers send neither.
 * Source: Fetch, "CORS protocol"; Fetch Metadata Request Headers.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { BailiwickError } from "../shared/errors.ts";
import { JSON_LENGTH_HEADER, SHIP_HEADER, VERSION_HEADER } from "../shared/http-headers.ts";
import { Refusal, shorten } from "./refusal.ts";

const ALLOWED_METHODS = "GET, HEAD, POST";
const ALLOWED_HEADERS = [
  "authorization",
  "content-type",
  "if-none-match",
  JSON_LENGTH_HEADER,
  "range",
  "x-request-id",
].join(", ");
const EXPOSED_HEADERS = [
  SHIP_HEADER,
  VERSION_HEADER,
  "etag",
  JSON_LENGTH_HEADER,
  "retry-after",
  "x-request-id",
].join(", ");
const PREFLIGHT_S = 600;
const PAGE_HEADERS = [
  "origin",
  "referer",
  "sec-fetch-site",
  "sec-fetch-mode",
  "sec-fetch-dest",
] as const;

export type Origins = ReadonlySet<string>;

/**
 * @param origins - As a browser spells them: "https://app.example.org".
 * @throws INVALID_OPTION for what is none.
 */
export function createOrigins(origins: readonly string[]): Origins {
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue;
    const message = `an origin must read as https://host or http://host:port, got "${origin}"`;
    throw new BailiwickError("INVALID_OPTION", message, { origin });
  }
  return new Set(origins);
}

/**
 * Sets the headers by which a page of an allowed origin may read the answer.
 *
 * @returns Why the request is refused; null if it is not.
 */
export function checkOrigin(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: Origins,
): Refusal | null {
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origins.size > 0) reply.header("vary", "Origin");
  if (origin !== undefined && origins.has(origin)) {
    reply.header("access-control-allow-origin", origin);
    reply.header("access-control-expose-headers", EXPOSED_HEADERS);
    return null;
  }
  const isForeign =
    site === undefined
      ? origin !== undefined && !isSame(origin, request.host)
      : site !== "same-origin" && site !== "none";
  if (!isForeign) return null;
  const actual = origin === undefined ? `a request from a ${String(site)} page` : shorten(origin);
  return new Refusal(
    403,
    `the page that asks must be this server's or of an --origin, got ${actual}`,
  );
}

/**
 * Whether a browser's page sent the request, of whatever site. All browsers send `Origin` with a
 * POST; `Referer` and the `Sec-Fetch` headers are looked at too, so that one suffices.
 */
export function isFromPage({ headers }: FastifyRequest): boolean {
  return PAGE_HEADERS.some((name) => headers[name] !== undefined);
}

/** Whether a browser asks if it may send a request of another origin's page. */
export function isPreflight({ method, headers }: FastifyRequest): boolean {
  if (method !== "OPTIONS" || headers.origin === undefined) return false;
  return headers["access-control-request-method"] !== undefined;
}

/** Answers a preflight whose origin was allowed. */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply): void {
  reply.header("access-control-allow-methods", ALLOWED_METHODS);
  reply.header("access-control-allow-headers", ALLOWED_HEADERS);
  reply.header("access-control-max-age", PREFLIGHT_S);
  if (request.headers["access-control-request-private-network"] === "true") {
    reply.header("access-control-allow-private-network", "true");
  }
  reply.status(204).send();
}

function isSame(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
