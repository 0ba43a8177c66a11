/** Binding to an address. */
import type { FastifyInstance } from "fastify";
import { BailiwickError } from "../shared/errors.ts";

/** The server's address, for example "http://127.0.0.1:8080". @throws PORT_UNAVAILABLE */
export async function listen(
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    const message = `${host}:${port} must be free to bind to`;
    throw new BailiwickError("PORT_UNAVAILABLE", message, { host, port }, cause);
  }
}
