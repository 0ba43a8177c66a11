/** The way to a NATS server: its address, who we are, and TLS. */
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type TlsOptions,
} from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";
import { readError } from "../../shared/files.ts";

export interface NatsOptions {
  /**
   * nats:// or tls://, with a user and a password if the server asks for them; of a cluster
   * several, between commas: all as the first one, but for host and port.
   */
  readonly url: string;
  /** The name of this connection in the server's log. */
  readonly name: string;
  /** A file as `nsc` writes it: a JWT and a seed. */
  readonly credentialsFile?: string;
  /** PEM files. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Where answers come in; a server's permissions can bar one inbox from another's. */
  readonly inboxPrefix?: string;
}

const CONNECT_MS = 5000;
const RECONNECT_MS = 200;

/** @throws FABRIC_UNAVAILABLE if no server answers, or it does not let us in; FILE_NOT_FOUND */
export async function connectTo(options: NatsOptions): Promise<NatsConnection> {
  const urls = parseUrls(options.url);
  const url = urls[0]!;
  const settings: ConnectionOptions = {
    servers: urls.map(({ host }) => host),
    name: options.name,
    timeout: CONNECT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS / 2,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(await authOf(url, options)),
    ...(await tlsOf(urls, options)),
  };
  try {
    return await connect(settings);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const where = shownUrls(options.url).join(" or ");
    const isSilent = settings.tls != null && why === "timeout";
    const hint = isSilent ? "; so does a server that refuses the client's certificate" : "";
    const message = `a NATS server must answer at ${where}, got "${why}"${hint}`;
    throw new BailiwickError("FABRIC_UNAVAILABLE", message, {}, cause);
  }
}

/** @throws INVALID_OPTION unless all are addresses, with one scheme and at most one user. */
function parseUrls(text: string): readonly URL[] {
  const urls = text.split(",").map(parseUrl);
  const [first] = urls;
  const isAsFirst = ({ protocol, username, password }: URL): boolean =>
    protocol === first!.protocol &&
    (username === "" || (username === first!.username && password === first!.password));
  if (urls.every(isAsFirst)) return urls;
  const got = shownUrls(text).join(",");
  const message = `servers of one fabric must have one scheme and one user, got "${got}"`;
  throw new BailiwickError("INVALID_OPTION", message);
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text.trim());
    if (url.protocol === "nats:" || url.protocol === "tls:") return url;
  } catch {
    // The error below says it.
  }
  const kinds = "embedded, nats://host:port or tls://host:port";
  const message = `the fabric must be ${kinds}, got "${shownUrl(text)}"`;
  throw new BailiwickError("INVALID_OPTION", message);
}

/** How many servers an address names. */
export function countServers(url: string): number {
  return url.split(",").length;
}

async function authOf(
  { username, password }: URL,
  { credentialsFile }: NatsOptions,
): Promise<ConnectionOptions> {
  if (credentialsFile !== undefined) {
    return { authenticator: credsAuthenticator(await readSecret(credentialsFile)) };
  }
  if (username === "") return {};
  return { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

async function tlsOf(urls: readonly URL[], { tls }: NatsOptions): Promise<ConnectionOptions> {
  if (tls === undefined && urls[0]!.protocol !== "tls:") return {};
  const { ca, cert, key } = tls ?? {};
  const read = async (name: keyof TlsOptions, path: string | undefined): Promise<TlsOptions> =>
    path === undefined ? {} : { [name]: new TextDecoder().decode(await readSecret(path)) };
  const files = await Promise.all([read("ca", ca), read("cert", cert), read("key", key)]);
  // The client passes what else there is on to Node's TLS.
  const identity: object = { checkServerIdentity: identityCheck(urls) };
  return { tls: Object.assign({}, identity, ...files) };
}

/**
 * Whether a certificate is the server's. For a server that is named by its address the client gives
 * no name, and Node would compare with "localhost".
 */
function identityCheck(urls: readonly URL[]): typeof checkServerIdentity {
  const hosts = urls.map(({ hostname }) => hostname.replace(/^\[|\]$/g, ""));
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (name, cert) => {
    if (hosts.includes(name) || addresses.length === 0) return checkServerIdentity(name, cert);
    const problems = addresses.map((address) => checkServerIdentity(address, cert));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}

async function readSecret(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw readError(path, "FILE_NOT_FOUND", cause);
  }
}

/** Addresses without their users and passwords. */
function shownUrls(text: string): readonly string[] {
  return text.split(",").map(shownUrl);
}

/** An address without its user and password. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
