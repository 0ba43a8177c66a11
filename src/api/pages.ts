/**
 * Pages for people, whole in themselves: nothing is loaded from elsewhere, and each says by its
 * Content-Security-Policy what of its own may run.
 */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** A document that is served as it stands, to anyone: it must hold nothing of a model. */
export interface Page {
  readonly path: string;
  /** A media type, for example "text/html; charset=utf-8". */
  readonly type: string;
  readonly body: string;
  /** What it may load and run; nothing if left out. */
  readonly policy?: string;
}

export function addPage(server: FastifyInstance, { path, type, body, policy }: Page): void {
  server.get(path, { config: { open: true } }, (_request, reply) => {
    reply.header("referrer-policy", "no-referrer");
    if (policy !== undefined) reply.header("content-security-policy", policy);
    return reply.type(type).send(body);
  });
}

/** A policy that lets exactly these inline styles and scripts be, and calls to the server itself. */
export function policyOf(styles: readonly string[], scripts: readonly string[] = []): string {
  const hashes = (texts: readonly string[]): string =>
    texts.map((t) => `'sha256-${createHash("sha256").update(t).digest("base64")}'`).join(" ");
  const parts = ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"];
  if (styles.length > 0) parts.push(`style-src ${hashes(styles)}`);
  if (scripts.length > 0) parts.push(`script-src ${hashes(scripts)}`, "connect-src 'self'");
  return parts.join("; ");
}
