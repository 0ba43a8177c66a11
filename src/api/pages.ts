/**
 * Pages for people, each one document: nothing is loaded from elsewhere, and each says by its
 * Content-Security-Policy which of its styles and scripts may be used.
 */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** A document that is served unchanged to every client: it must hold nothing of a model. */
export interface Page {
  readonly path: string;
  /** A media type, for example "text/html; charset=utf-8". */
  readonly type: string;
  readonly body: string;
  /** Its Content-Security-Policy; default: nothing may be loaded or run. */
  readonly policy?: string;
}

export function addPage(server: FastifyInstance, { path, type, body, policy }: Page): void {
  server.get(path, { config: { open: true } }, (request, reply) => {
    // Links on the page are relative to an address without a slash at its end.
    const asked = request.url.split("?")[0]!;
    if (path !== "/" && asked.endsWith("/")) return reply.redirect(`..${path}`, 308);
    reply.header("referrer-policy", "no-referrer");
    if (policy !== undefined) reply.header("content-security-policy", policy);
    return reply.type(type).send(body);
  });
}

/** A policy that allows these inline styles and scripts, and requests to the page's server. */
export function policyOf(styles: readonly string[], scripts: readonly string[] = []): string {
  const hashes = (texts: readonly string[]): string =>
    texts.map((t) => `'sha256-${createHash("sha256").update(t).digest("base64")}'`).join(" ");
  const parts = ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"];
  if (styles.length > 0) parts.push(`style-src ${hashes(styles)}`);
  if (scripts.length > 0) parts.push(`script-src ${hashes(scripts)}`, "connect-src 'self'");
  return parts.join("; ");
}
