/** Binding to an address. */
import { BailiwickError } from "../shared/errors.ts";
import { checkExposure } from "./security.ts";
import type { ApiServer } from "./server.ts";

/** What the system says, in the words of what must hold. */
const MUST_BY_CODE: Readonly<Record<string, string>> = {
  EADDRINUSE: "must be free, something listens there already",
  EACCES: "must be allowed to this user (ports below 1024 often are not)",
  EADDRNOTAVAIL: "must be an address of this machine",
  ENOTFOUND: "must be an address of this machine",
};

/**
 * The server's address, for example "http://127.0.0.1:8080".
 *
 * @param port - 0 for any free one.
 * @throws INVALID_OPTION if other machines could reach a server that asks for no token.
 * @throws PORT_UNAVAILABLE if the system refuses the address.
 */
export async function listen(
  server: ApiServer,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  checkExposure(host, server.asksForToken);
  try {
    return await server.http.listen({ host, port });
  } catch (cause) {
    const { code = "", syscall } = cause as NodeJS.ErrnoException;
    if (syscall === undefined) throw cause;
    const message = `${host}:${port} ${MUST_BY_CODE[code] ?? `must be free to bind to, got ${code}`}`;
    throw new BailiwickError("PORT_UNAVAILABLE", message, { host, port }, cause);
  }
}
