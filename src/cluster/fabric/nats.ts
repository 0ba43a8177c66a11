/**
 * The fabric on a NATS server with JetStream.
 *
 * Subjects carry requests; key-value buckets state; a work-queue stream jobs; a stream blobs. The
 * server holds nothing that some process does not have too: a store
 * that is lost is made again and filled again. A lost connection is tried again without end.
 */
import {
  headers as createHeaders,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  RequestError,
} from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";
import type { Bucket, BucketName, Delivered, Fabric, Headers, Message, Stop } from "./fabric.ts";
import { natsBlobs } from "./nats-blobs.ts";
import { openNatsBucket } from "./nats-bucket.ts";
import { connectTo, countServers, type NatsOptions, shownUrl } from "./nats-connect.ts";
import { natsJobs } from "./nats-jobs.ts";
import { checkServer } from "./nats-server.ts";
import { createStreamKeeper } from "./nats-streams.ts";
import { createRefusals, type Refusals } from "./refusals.ts";
import { absent, checkedAnswer, errorMessage, unanswered } from "./remote-error.ts";

export type { NatsOptions } from "./nats-connect.ts";

/** Room for headers and protocol beside a message's body. */
const HEADROOM_BYTES = 8192;
const SETTLE_MS = 1000;
/** Of state and blobs, on as many servers of a cluster: with one of them gone two agree. */
const COPIES = 3;
/** A client is at another server after some milliseconds. */
const MOVE_MS = 500;
/** Servers wait four to nine seconds before they choose another leader of a stream. */
const FAILOVER_MS = 15_000;

/**
 * @throws FABRIC_UNAVAILABLE if there is no server, or it does not let us in.
 * @throws FABRIC_VERSION if the server is too old, or has no JetStream.
 */
export async function connectNats(options: NatsOptions): Promise<Fabric> {
  const nc = await connectTo(options);
  try {
    const mostBytes = await checkServer(nc, shownUrl(nc.getServer()));
    return createNatsFabric(nc, mostBytes - HEADROOM_BYTES, countServers(options.url));
  } catch (error) {
    await nc.close();
    throw error;
  }
}

function createNatsFabric(nc: NatsConnection, maxBodyBytes: number, nServers: number): Fabric {
  const listeners: ((isConnected: boolean) => void)[] = [];
  const nCopies = nServers >= COPIES ? COPIES : 1;
  let isUp = true;
  const keeper = createStreamKeeper(nc, () => isUp);
  void followStatus(nc, nServers > 1 ? MOVE_MS : 0, (isUpNow) => {
    if (isUpNow === isUp) return;
    isUp = isUpNow;
    if (isUp) keeper.reconnected();
    for (const listener of listeners) listener(isUp);
  });
  const buckets = new Map<BucketName, Promise<Bucket>>();
  const refusals = createRefusals();
  return {
    kind: "nats",
    maxBodyBytes,
    refusals,
    failoverMs: nCopies > 1 ? FAILOVER_MS : 0,
    request: (subject, message, timeoutMs) => {
      if (!isUp) return Promise.reject(disconnected(subject));
      return ask(nc, subject, message, timeoutMs);
    },
    answer: (subject, handler) => {
      return subscribe(nc, subject, (msg) => void answerOne(msg, handler, refusals));
    },
    publish: (subject, { headers, body }) => {
      if (isUp) nc.publish(subject, body, { headers: headersOf(headers) });
    },
    listen: (subject, handler) => subscribe(nc, subject, (msg) => handler(deliveredOf(msg))),
    bucket: (name) => {
      const opened = buckets.get(name) ?? openNatsBucket({ nc, keeper, nCopies }, name);
      buckets.set(name, opened);
      opened.catch(() => buckets.delete(name));
      return opened;
    },
    blobs: natsBlobs({ nc, keeper, nCopies }, maxBodyBytes),
    jobs: natsJobs({ nc, keeper, nCopies }, () => isUp),
    isConnected: () => isUp,
    onConnection: (listener) => {
      listeners.push(listener);
    },
    close: async () => {
      listeners.length = 0;
      isUp = false;
      const looking = keeper.close();
      await nc.close();
      await looking;
    },
  };
}

/** A connection that moves to another server within `moveMs` was lost no longer than that. */
async function followStatus(
  nc: NatsConnection,
  moveMs: number,
  tell: (isUp: boolean) => void,
): Promise<void> {
  let moving: NodeJS.Timeout | undefined;
  for await (const { type } of nc.status()) {
    if (type === "disconnect" || type === "staleConnection") {
      clearTimeout(moving);
      if (moveMs === 0) tell(false);
      else moving = setTimeout(tell, moveMs, false).unref();
    }
    if (type === "reconnect") {
      clearTimeout(moving);
      // What was asked meanwhile may be lost.
      tell(false);
      tell(true);
    }
  }
}

/** Returns when the server has taken the subscription. */
async function subscribe(
  nc: NatsConnection,
  subject: string,
  take: (msg: Msg) => void,
): Promise<Stop> {
  const subscription = nc.subscribe(subject, {
    callback: (error, msg) => {
      if (error === null) take(msg);
    },
  });
  const late = new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref());
  await Promise.race([nc.flush(), late]);
  return async () => subscription.unsubscribe();
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
    throw isUnserved(cause) ? absent(subject, cause) : unanswered(subject, timeoutMs, cause);
  }
  return checkedAnswer(deliveredOf(msg));
}

function isUnserved(cause: unknown): boolean {
  if (cause instanceof NoRespondersError) return true;
  return cause instanceof RequestError && cause.isNoResponders();
}

function disconnected(subject: string): BailiwickError {
  const message = `${subject} must be answered, the connection to the NATS server is down`;
  return new BailiwickError("NODE_UNAVAILABLE", message, { subject });
}

async function answerOne(
  msg: Msg,
  handler: (message: Delivered) => Promise<Message>,
  refusals: Refusals,
): Promise<void> {
  let answer: Message;
  try {
    answer = await handler(deliveredOf(msg));
  } catch (error) {
    refusals.count(error);
    answer = errorMessage(error);
  }
  msg.respond(answer.body, { headers: headersOf(answer.headers) });
}

function headersOf(headers: Headers): MsgHdrs {
  const copy = createHeaders();
  for (const name in headers) copy.set(name, headers[name]!);
  return copy;
}

/** The body is copied only if a receiver keeps it. */
function deliveredOf({ subject, headers, data }: Msg): Delivered {
  const copy: Record<string, string> = {};
  for (const [name, values] of headers ?? []) copy[name] = values[0] ?? "";
  return { subject, headers: copy, body: data };
}
