/**
 * The streams in which a NATS server keeps a fabric's state: made where they are missing, made
 * again when the server has lost them.
 *
 * A server that was installed again, a stream that was deleted, purged or restored from an old
 * copy: all show in what the server says of a stream (when it was made, its last number, how many
 * entries it holds), which is looked at every second and after every reconnect.
 */
import {
  type ClusterInfo,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
} from "@nats-io/jetstream";
import {
  millis,
  type NatsConnection,
  NoRespondersError,
  PermissionViolationError,
} from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";
import { every } from "../../shared/every.ts";

export interface StreamSpec {
  readonly name: string;
  /** Whether entries never leave by themselves: fewer than before means that some were lost. */
  readonly keepsAll: boolean;
  make(): Promise<unknown>;
  /** Called after the stream came back empty or older, until it succeeds. */
  onLost(): Promise<void>;
  /** Called after every reconnect, and when a server of the cluster came or went. */
  onReconnect(): Promise<void>;
}

/** What is kept on the servers is reached by this. */
export interface Store {
  readonly nc: NatsConnection;
  readonly keeper: StreamKeeper;
  /** Servers that each have a copy. */
  readonly nCopies: number;
}

export interface StreamKeeper {
  /** Makes the stream where it is missing, and keeps it from then on. */
  keep(spec: StreamSpec): Promise<void>;
  /** Makes sure that a kept stream is there now. */
  ensure(spec: StreamSpec): Promise<void>;
  /** To be called when the connection is there again. */
  reconnected(): void;
  close(): Promise<void>;
}

const LOOK_MS = 1000;
/** After a look that failed: a server that has just started does not answer everything yet. */
const RETRY_MS = 200;
const TIMEOUT_MS = 2000;
/** A server of a cluster that its stream's leader has not heard of for this long is gone. */
const GONE_MS = 3000;
/** The server's number for "stream not found". */
const NOT_FOUND = 10059;

interface Facts {
  readonly created: string;
  readonly lastNumber: number;
  readonly nEntries: number;
  /** Servers of a cluster that have a copy: the leader, and the others that are there. */
  readonly servers: string;
}

interface Kept {
  readonly spec: StreamSpec;
  facts: Facts;
  hasReconnected: boolean;
}

export function createStreamKeeper(nc: NatsConnection, isUp: () => boolean): StreamKeeper {
  const kept: Kept[] = [];
  let manager: Promise<JetStreamManager> | null = null;
  const open = (): Promise<JetStreamManager> => {
    manager ??= jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false });
    return manager;
  };
  const look = async (stream: Kept): Promise<void> => {
    const facts = await ensure(await open(), stream.spec);
    const lost = isLost(stream, facts);
    if (lost) await stream.spec.onLost();
    // What is lost while a loss is mended shows at the next look, which comes soon.
    const before = stream.facts;
    stream.facts = facts;
    if (lost) setTimeout(looking.now, RETRY_MS).unref();
    // What delivered changes to this process may have been on the server that went.
    if (facts.servers !== before.servers) stream.hasReconnected = true;
    if (!stream.hasReconnected) return;
    // Another reconnect meanwhile must count too.
    stream.hasReconnected = false;
    await stream.spec.onReconnect().catch((error: unknown) => {
      stream.hasReconnected = true;
      throw error;
    });
  };
  const looking = every(LOOK_MS, async () => {
    if (!isUp()) return;
    const looks = await Promise.allSettled(kept.map(look));
    const failed = looks.find(({ status }) => status === "rejected");
    if (failed !== undefined) setTimeout(looking.now, RETRY_MS).unref();
  });
  return {
    keep: async (spec) => {
      kept.push({ spec, facts: await ensure(await open(), spec), hasReconnected: false });
    },
    ensure: async (spec) => {
      await ensure(await open(), spec);
    },
    reconnected: () => {
      for (const stream of kept) stream.hasReconnected = true;
      looking.now();
    },
    close: looking.stop,
  };
}

/** Made by the first process that may; others only open it. */
async function ensure({ streams }: JetStreamManager, spec: StreamSpec): Promise<Facts> {
  const { created, state, cluster } = await streams
    .info(spec.name)
    .catch(async (error: unknown) => {
      if (!(error instanceof JetStreamApiError) || error.code !== NOT_FOUND) throw error;
      await spec.make().catch((cause: unknown) => {
        throw isDenied(cause) ? mayNotMake(spec, cause) : cause;
      });
      return streams.info(spec.name);
    });
  const { last_seq: lastNumber, messages: nEntries } = state;
  return { created: String(created), lastNumber, nEntries, servers: serversOf(cluster) };
}

/** Sorted, but for the leader, which comes first. */
function serversOf(cluster: ClusterInfo | undefined): string {
  const others = (cluster?.replicas ?? []).filter(({ offline, active }) => {
    return offline !== true && millis(active) < GONE_MS;
  });
  return [cluster?.leader ?? "", ...others.map(({ name }) => name).sort()].join(" ");
}

function mayNotMake({ name }: StreamSpec, cause: unknown): BailiwickError {
  const message = `the NATS server must have the stream ${name}, this user may not make it`;
  return new BailiwickError("FABRIC_UNAVAILABLE", message, { missingStream: name }, cause);
}

/** In an account that imports only parts of JetStream, nothing answers the other parts. */
export function isDenied(error: unknown): boolean {
  if (error instanceof PermissionViolationError || error instanceof NoRespondersError) return true;
  return error instanceof Error && error.cause !== undefined && isDenied(error.cause);
}

/** Whether a fabric lacks a stream that only processes with other permissions can make. */
export function lacksStream(error: unknown): boolean {
  return error instanceof BailiwickError && "missingStream" in error.details;
}

function isLost({ spec, facts: before }: Kept, now: Facts): boolean {
  if (now.created !== before.created || now.lastNumber < before.lastNumber) return true;
  if (!spec.keepsAll) return false;
  // The second: something was put since the last look, and nothing is there.
  return (
    now.nEntries < before.nEntries || (now.nEntries === 0 && now.lastNumber > before.lastNumber)
  );
}
