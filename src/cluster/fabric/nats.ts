/**
 * The fabric on a NATS server with JetStream.
 *
 * Subjects carry requests; key-value buckets state; a work-queue stream jobs; small blobs are
 * values, large ones objects. The server holds nothing that is not elsewhere too, and need not be
 * up for what is local: the client tries to reach it again for as long as it takes.
 */
import { readFile } from "node:fs/promises";
import {
  type ConnectionOptions,
  connect,
  headers as createHeaders,
  credsAuthenticator,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  RequestError,
  type Status,
} from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";
import { readError } from "../../shared/files.ts";
import type { Bucket, BucketName, Delivered, Fabric, Headers, Message } from "./fabric.ts";
import { natsBlobs } from "./nats-blobs.ts";
import { openNatsBucket } from "./nats-bucket.ts";
import { natsJobs } from "./nats-jobs.ts";
import { checkServer } from "./nats-server.ts";
import { checkedAnswer, errorMessage } from "./remote-error.ts";

export interface NatsOptions {
  /** nats:// or tls://, with a user and a password if the server asks for them. */
  readonly url: string;
  /** How the server's log calls this connection. */
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
/** What headers and protocol may take of a message beside its body. */
const HEADROOM_BYTES = 8192;

/**
 * @throws FABRIC_UNAVAILABLE if there is no server, or it does not let us in.
 * @throws FABRIC_VERSION if the server is too old, or has no JetStream.
 */
export async function connectNats(options: NatsOptions): Promise<Fabric> {
  const nc = await connectTo(options);
  try {
    checkServer(nc.info!, shown(options.url));
  } catch (error) {
    await nc.close();
    throw error;
  }
  return createNatsFabric(nc);
}

async function connectTo(options: NatsOptions): Promise<NatsConnection> {
  const url = parseUrl(options.url);
  const settings: ConnectionOptions = {
    servers: url.host,
    name: options.name,
    timeout: CONNECT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS / 2,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(await authOf(url, options)),
    ...(await tlsOf(url, options)),
  };
  try {
    return await connect(settings);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `a NATS server must answer at ${shown(options.url)}, got "${why}"`;
    throw new BailiwickError("FABRIC_UNAVAILABLE", message, {}, cause);
  }
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === "nats:" || url.protocol === "tls:") return url;
  } catch {
    // Said below.
  }
  const message = `the fabric must be embedded, nats://host:port or tls://host:port, got "${shown(text)}"`;
  throw new BailiwickError("INVALID_OPTION", message);
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

async function tlsOf({ protocol }: URL, { tls }: NatsOptions): Promise<ConnectionOptions> {
  if (tls === undefined) return protocol === "tls:" ? { tls: {} } : {};
  const [ca, cert, key] = await Promise.all(
    [tls.ca, tls.cert, tls.key].map(async (path) => {
      return path === undefined ? undefined : new TextDecoder().decode(await readSecret(path));
    }),
  );
  return {
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  };
}

async function readSecret(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw readError(path, "FILE_NOT_FOUND", cause);
  }
}

/** An address without what is secret in it. */
function shown(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}

function createNatsFabric(nc: NatsConnection): Fabric {
  const listeners: ((isConnected: boolean) => void)[] = [];
  let isUp = true;
  const tell = (now: boolean): void => {
    if (now === isUp) return;
    isUp = now;
    for (const listener of listeners) listener(now);
  };
  void followStatus(nc, tell);
  const onConnection = (listener: (isConnected: boolean) => void): void => {
    listeners.push(listener);
  };
  const buckets = new Map<BucketName, Promise<Bucket>>();
  const maxBodyBytes = nc.info!.max_payload - HEADROOM_BYTES;
  return {
    kind: "nats",
    maxBodyBytes,
    request: (subject, message, timeoutMs) => {
      if (!isUp) return Promise.reject(unavailable(subject, "the connection is down"));
      return ask(nc, subject, message, timeoutMs);
    },
    answer: async (subject, handler) => {
      const subscription = nc.subscribe(subject, {
        callback: (error, msg) => {
          if (error === null) void answerOne(msg, handler);
        },
      });
      await settle(nc);
      return async () => subscription.unsubscribe();
    },
    publish: (subject, { headers, body }) => {
      if (isUp) nc.publish(subject, body, { headers: headersOf(headers) });
    },
    listen: async (subject, handler) => {
      const subscription = nc.subscribe(subject, {
        callback: (error, msg) => {
          if (error === null) handler(deliveredOf(msg));
        },
      });
      await settle(nc);
      return async () => subscription.unsubscribe();
    },
    bucket: (name) => {
      const known = buckets.get(name) ?? openNatsBucket(nc, name, onConnection);
      buckets.set(name, known);
      known.catch(() => buckets.delete(name));
      return known;
    },
    blobs: natsBlobs(nc, maxBodyBytes),
    jobs: natsJobs(nc, () => isUp),
    isConnected: () => isUp,
    onConnection,
    close: async () => {
      listeners.length = 0;
      await nc.close();
    },
  };
}

async function followStatus(nc: NatsConnection, tell: (isUp: boolean) => void): Promise<void> {
  for await (const { type } of nc.status() as AsyncIterable<Status>) {
    if (type === "disconnect" || type === "staleConnection") tell(false);
    if (type === "reconnect") tell(true);
  }
}

/** Until the server has taken what was sent, a subscription for example. */
async function settle(nc: NatsConnection): Promise<void> {
  await Promise.race([nc.flush(), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
}

async function ask(
  nc: NatsConnection,
  subject: string,
  { headers, body }: Message,
  timeoutMs: number,
): Promise<Message> {
  let msg: Msg;
  try {
    msg = await nc.request(subject, body, { timeout: timeoutMs, headers: headersOf(headers) });
  } catch (cause) {
    throw unavailable(subject, reasonOf(cause, timeoutMs), cause);
  }
  return checkedAnswer(deliveredOf(msg));
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  const nobody =
    cause instanceof NoRespondersError || (cause instanceof RequestError && cause.isNoResponders());
  if (nobody) return "nobody is there";
  return `no answer within ${timeoutMs} ms`;
}

function unavailable(subject: string, why: string, cause?: unknown): BailiwickError {
  const message = `${subject} must be answered, ${why}`;
  return new BailiwickError("NODE_UNAVAILABLE", message, { subject }, cause);
}

async function answerOne(
  msg: Msg,
  handler: (message: Delivered) => Promise<Message>,
): Promise<void> {
  let answer: Message;
  try {
    answer = await handler(deliveredOf(msg));
  } catch (error) {
    answer = errorMessage(error);
  }
  msg.respond(answer.body, { headers: headersOf(answer.headers) });
}

function headersOf(headers: Headers): MsgHdrs {
  const own = createHeaders();
  for (const name in headers) own.set(name, headers[name]!);
  return own;
}

/** The body is copied only where somebody keeps it. */
function deliveredOf({ subject, headers, data }: Msg): Delivered {
  const own: Record<string, string> = {};
  for (const [name, values] of headers ?? []) own[name] = values[0] ?? "";
  return { subject, headers: own, body: data };
}
