/**
 * What every request passes before its endpoint: the checks of its page, rate, token, path and
 * type; and what is counted after it.
 *
 * A hook costs every request, so there is one before and one after.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type BodyBudget, checkBodyType, receiveBody, releaseBody } from "./body.ts";
import type { Limits } from "./limits.ts";
import type { ServerMetrics } from "./metrics.ts";
import { answerPreflight, checkOrigin, isPreflight, type Origins } from "./origins.ts";
import { createRateCheck, type RateCheck } from "./rate-limit.ts";
import { pathOf, Refusal } from "./refusal.ts";
import { checkCaller, SECURITY_HEADERS, type TokenCheck, tokenOf } from "./security.ts";

export interface GuardOptions {
  readonly limits: Limits;
  readonly budget: BodyBudget;
  readonly metrics: ServerMetrics;
  readonly tokens: TokenCheck | null;
  readonly origins: Origins;
  /** The methods that a path takes, for the header Allow; null for a path that is none. */
  allowOf(path: string): string | null;
}

export function addGuards(http: FastifyInstance, options: GuardOptions): void {
  const { limits, budget, metrics, tokens } = options;
  const rate =
    limits.maxRequestsPerSecond > 0
      ? createRateCheck(http, limits.maxRequestsPerSecond, (request) => tokenOf(request, tokens))
      : null;
  http.decorateRequest("bodyBytes", 0);
  http.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    reply.header("x-request-id", request.id);
    if (request.method === "POST") releaseBody(request, reply, budget);
    const refusal = await refusalOf(request, reply, rate, options);
    if (refusal !== null) throw refusal;
    if (isPreflight(request)) {
      answerPreflight(request, reply);
      return reply;
    }
    checkRoute(request, reply, options);
    if (request.method === "POST") checkBodyType(request);
    return undefined;
  });
  http.addHook("onResponse", (request, reply, done) => {
    const { url = "none" } = request.routeOptions;
    metrics.countRequest(url, reply.statusCode, reply.elapsedTime);
    const { statusCode: status, elapsedTime: tookMs } = reply;
    request.log.debug({ method: request.method, endpoint: url, status, tookMs }, "answered");
    done();
  });
  http.removeAllContentTypeParsers();
  http.addContentTypeParser("*", (request: FastifyRequest) => receiveBody(request, limits, budget));
}

/** Why a request is not looked at; null if it is. */
async function refusalOf(
  request: FastifyRequest,
  reply: FastifyReply,
  rate: RateCheck | null,
  { tokens, origins }: GuardOptions,
): Promise<Refusal | null> {
  const isOpen = request.routeOptions.config.open === true;
  const isVisit = isOpen && tokens !== null && request.headers["sec-fetch-mode"] === "navigate";
  const foreign = checkOrigin(request, reply, origins);
  // A link on a page of others may lead to a page that holds nothing of a model.
  if (foreign !== null && !isVisit) return foreign;
  if (isPreflight(request)) return null;
  if (!isOpen && rate !== null) {
    const often = await rate(request);
    if (often !== null) return often;
  }
  if (isOpen && tokens !== null) return null;
  const refusal = checkCaller(request, tokens);
  if (refusal?.status === 401) reply.header("www-authenticate", "Bearer");
  return refusal;
}

/** @throws a 404 or 405 where there is no such endpoint, before a body is received. */
function checkRoute(request: FastifyRequest, reply: FastifyReply, { allowOf }: GuardOptions): void {
  if (!request.is404) return;
  const allow = allowOf(request.url);
  if (allow === null) {
    throw new Refusal(404, `no such endpoint: ${request.method} ${pathOf(request)}`);
  }
  reply.header("allow", allow);
  throw new Refusal(405, `the method must be ${allow.replaceAll(", ", " or ")}`);
}
