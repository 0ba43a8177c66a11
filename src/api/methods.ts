/** Paths that are known, asked with a method that is not: 405 with the methods that are. */
import type { FastifyInstance, HTTPMethods } from "fastify";
import { Refusal } from "./refusal.ts";

const METHODS: readonly HTTPMethods[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

/**
 * Notes the routes that are added from now on.
 *
 * @returns To be called when all are there: it refuses all other methods of their paths.
 */
export function refuseOtherMethods(server: FastifyInstance): () => void {
  const allowed = new Map<string, Set<string>>();
  server.addHook("onRoute", ({ url, method }) => {
    const methods = allowed.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    allowed.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...allowed]) {
      const allow = [...methods].sort().join(", ");
      server.route({
        url,
        method: METHODS.filter((method) => !methods.has(method)),
        exposeHeadRoute: false,
        // Before the body is received: nobody will look at it.
        onRequest: (_request, reply, done) => {
          reply.header("allow", allow);
          done(new Refusal(405, `the method must be ${allow.replaceAll(", ", " or ")}`));
        },
        handler: (_request, reply) => reply,
      });
    }
  };
}
