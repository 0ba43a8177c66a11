/** Opens the fabric connection that a command's flags describe. */
import { hostname } from "node:os";
import { connectNats, type Fabric } from "../cluster/fabric/index.ts";
import type { FabricFlags } from "./fabric-options.ts";

/** @throws FABRIC_UNAVAILABLE, FABRIC_VERSION, INVALID_OPTION */
export function connectFabric(flags: FabricFlags, name: string): Promise<Fabric> {
  const { fabric: url, credentials, tlsCa: ca, tlsCert: cert, tlsKey: key } = flags;
  const hasTls = ca !== undefined || cert !== undefined || key !== undefined;
  return connectNats({
    url,
    name,
    inboxPrefix: `_INBOX_${name}`,
    ...(credentials === undefined ? {} : { credentialsFile: credentials }),
    ...(hasTls
      ? {
          tls: {
            ...(ca === undefined ? {} : { ca }),
            ...(cert === undefined ? {} : { cert }),
            ...(key === undefined ? {} : { key }),
          },
        }
      : {}),
  });
}

/** The identity of this process on the fabric. */
export function processName(): string {
  return `${hostname().replace(/[^A-Za-z0-9_-]/g, "-")}-${process.pid}`.slice(-64);
}
