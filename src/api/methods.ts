/** The methods that each path takes, for the answer 405 and its header Allow. */
import type { FastifyInstance } from "fastify";

export interface Methods {
  /** Notes the routes that are added to `server` from now on. */
  note(server: FastifyInstance): void;
  /** As in the header Allow; null for a path that no route has. */
  allowOf(path: string): string | null;
}

export function createMethods(): Methods {
  const byTemplate = new Map<string, Set<string>>();
  return {
    note: (server) => {
      server.addHook("onRoute", ({ url, method }) => {
        const methods = byTemplate.get(url) ?? new Set();
        for (const name of [method].flat()) methods.add(name);
        byTemplate.set(url, methods);
      });
    },
    allowOf: (path) => {
      const parts = partsOf(path.split("?")[0]!);
      for (const [template, methods] of byTemplate) {
        if (fits(partsOf(template), parts)) return [...methods].sort().join(", ");
      }
      return null;
    },
  };
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "");
}

function fits(template: readonly string[], parts: readonly string[]): boolean {
  if (template.length !== parts.length) return false;
  return template.every((part, i) => part.startsWith(":") || part === parts[i]);
}
