/**
 * How often a client may ask: every request counts, refused ones too, so that neither a wrong
 * token nor a wrong path can be tried without end.
 */
import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "./refusal.ts";

/** The clients whose requests of this second are counted; the oldest are forgotten. */
const MAX_COUNTED_CLIENTS = 10_000;

/** Counts a request. Gives why it is refused, null if it is not. */
export type RateCheck = (request: FastifyRequest) => Promise<Refusal | null>;

/**
 * @param max - Requests a second of one client.
 * @param tokenOf - What identifies a client's token if it is right; null if it is not.
 */
export function createRateCheck(
  http: FastifyInstance,
  max: number,
  tokenOf: (request: FastifyRequest) => string | null,
): RateCheck {
  const keyGenerator = (request: FastifyRequest): string => {
    return tokenOf(request) ?? normalizeIP(request.ip);
  };
  http.register(rateLimit, { global: false, cache: MAX_COUNTED_CLIENTS });
  let count: ReturnType<FastifyInstance["createRateLimit"]> | null = null;
  return async (request) => {
    count ??= http.createRateLimit({ max, timeWindow: 1000, keyGenerator });
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return null;
    return new Refusal(429, `a client must ask at most ${max} times a second`, 1);
  };
}
