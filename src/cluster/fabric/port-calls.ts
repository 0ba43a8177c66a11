/** Calls over a port between two threads: each side calls the other's handlers by name. */
import type { MessagePort } from "node:worker_threads";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { remoteError } from "./remote-error.ts";

/** Takes the arguments of a call as they come, and checks them. */
export type Handler = (args: unknown) => unknown;

/** Calls `to` on the other side; what it answers is checked by `schema`. */
export type Call = <T>(schema: z.ZodType<T>, to: string, ...args: unknown[]) => Promise<T>;

const envelopeSchema = z.union([
  z.object({ id: z.int(), to: z.string(), args: z.array(z.unknown()) }),
  z.object({
    re: z.int(),
    value: z.unknown(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
]);

/** A handler whose arguments are checked by a schema before `run` gets them. */
export function handler<T>(schema: z.ZodType<T>, run: (args: T) => unknown): Handler {
  return (args) => run(schema.parse(args));
}

/** @returns What calls the handlers of the other side. */
export function speakOver(
  port: Pick<MessagePort, "postMessage" | "on">,
  handlers: Readonly<Record<string, Handler>>,
): Call {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let last = 0;
  const run = async (to: string, args: unknown): Promise<unknown> => handlers[to]?.(args);
  port.on("message", (message: unknown) => {
    const envelope = envelopeSchema.parse(message);
    if ("to" in envelope) {
      const { id, to, args } = envelope;
      run(to, args).then(
        (value) => port.postMessage({ re: id, value }),
        (error: unknown) => port.postMessage({ re: id, value: null, error: describe(error) }),
      );
      return;
    }
    const waiting = open.get(envelope.re);
    open.delete(envelope.re);
    if (envelope.error === undefined) waiting?.resolve(envelope.value);
    else waiting?.reject(remoteError(envelope.error.code, envelope.error.message));
  });
  return async (schema, to, ...args) => {
    const id = ++last;
    const answer = new Promise<unknown>((resolve, reject) => {
      open.set(id, { resolve, reject });
      port.postMessage({ id, to, args });
    });
    return schema.parse(await answer);
  };
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof BailiwickError) return { code: error.code, message: error.message };
  return { code: "WORKER_FAILED", message: error instanceof Error ? error.message : String(error) };
}
