/**
 * The contract of a fabric: how processes exchange requests, state, weights and jobs.
 *
 * A router, nodes that hold experts, a placer and trainers communicate through this and nothing
 * else. Two implementations pass one conformance suite: `embedded` (this process and its threads;
 * needs no other program) and `nats` (a NATS server with JetStream; any number of machines).
 *
 * Subjects are texts of tokens between dots; in a subscription `*` stands for one token and a last
 * `>` for one or more.
 */
import type { Refusals } from "./refusals.ts";

/** Short texts beside a body: printable ASCII. */
export type Headers = Readonly<Record<string, string>>;

export interface Message {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface Delivered extends Message {
  readonly subject: string;
}

/** Ends a subscription, a watch or other work that was begun. */
export type Stop = () => Promise<void>;

export interface Fabric {
  readonly kind: "embedded" | "nats";
  /** Largest body of one message, in bytes. */
  readonly maxBodyBytes: number;
  /** Messages that this connection's users have refused. */
  readonly refusals: Refusals;
  /** How long the state may be silent while servers choose another leader; 0 without others. */
  readonly failoverMs: number;
  /**
   * The answer to a request.
   *
   * @throws NODE_ABSENT at once if no process answers the subject; NODE_UNAVAILABLE if no answer
   *   came within `timeoutMs`, or the connection is down; the error with which `handler` of
   *   `answer` failed.
   */
  request(subject: string, message: Message, timeoutMs: number): Promise<Message>;
  /** Answers requests. An error that `handler` throws is thrown by `request` of the other side. */
  answer(subject: string, handler: (message: Delivered) => Promise<Message>): Promise<Stop>;
  /** Sends to the processes that listen now; nothing tells whether there are any. */
  publish(subject: string, message: Message): void;
  listen(subject: string, handler: (message: Delivered) => void): Promise<Stop>;
  /** State that all processes see. */
  bucket(name: BucketName): Promise<Bucket>;
  readonly blobs: Blobs;
  readonly jobs: Jobs;
  isConnected(): boolean;
  /** Calls `handler` whenever the connection is lost or there again. */
  onConnection(handler: (isConnected: boolean) => void): void;
  close(): Promise<void>;
}

/**
 * models   what is served, one key per model      nodes    nodes that are there; entries expire
 * homes    which node holds which expert          leases   which process places; entries expire
 * terms    the last term of a lease that was taken
 */
export type BucketName = "models" | "nodes" | "homes" | "leases" | "terms";

/** Milliseconds after which an entry of these buckets vanishes unless it is put again. */
export const EXPIRES_MS: Readonly<Partial<Record<BucketName, number>>> = {
  nodes: 3000,
  leases: 3000,
};

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Greater with every change of the bucket, as long as the bucket is not lost. */
  readonly revision: number;
}

/**
 * A store that can come back empty: a server that was installed again, a store that was deleted.
 *
 * A lost store is made again by itself; its entries are put again by the processes that have them.
 */
export interface Losable {
  /** Calls `handler` after the store was lost and made again, until the handler succeeds. */
  onLost(handler: () => Promise<void>): void;
}

/** Keys are tokens of letters, digits, `_` and `-` between dots. */
export interface Bucket extends Losable {
  get(key: string): Promise<Entry | null>;
  /**
   * Puts a value; when this returns it is durable, unless the bucket's entries expire.
   *
   * @param expected - The revision that must still hold, 0 for a key that must not be there.
   * @returns The new revision; null if another revision held, and nothing was changed.
   * @throws FABRIC_UNAVAILABLE if it is unknown whether the value was put.
   */
  put(key: string, value: Uint8Array, expected?: number): Promise<number | null>;
  delete(key: string): Promise<void>;
  /** Keys of all entries. */
  keys(): Promise<readonly string[]>;
  /**
   * Calls `handler` with every entry, then with the changes in their order; `value` is null where a
   * key was deleted. Of several changes to one key in quick succession only the last is sure to be
   * reported. An entry that expires is not reported: a watcher that needs it keeps the time. After
   * the bucket was lost, an entry counts as deleted only if no process has put it again for a
   * while.
   */
  watch(handler: (entry: Entry | Deleted) => void): Promise<Stop>;
}

export interface Deleted {
  readonly key: string;
  readonly value: null;
}

/** A blob's name, and the zone whose nodes may read it. Both are tokens. */
export interface BlobPlace {
  readonly name: string;
  readonly zone: string;
}

export interface ListedBlob extends BlobPlace {
  /** Whether it can be read: false while it is put or erased, and when a kill ended that. */
  readonly isWhole: boolean;
}

/** The zone in which routers keep blobs: no node reads there. */
export const SOURCE = "=";

/**
 * Bytes by a name and a zone; what they hold never changes. Not for the only copy of anything.
 *
 * After a blob was erased, watchers may take the store for lost: they put again what they have.
 */
export interface Blobs extends Losable {
  /** Puts a blob unless one of this name is in the zone. Durable when this returns. */
  put(name: string, zone: string, bytes: Uint8Array): Promise<void>;
  /** @returns null if there is none. @throws BLOB_CORRUPT if it is not what was put. */
  get(name: string, zone: string): Promise<Uint8Array | null>;
  /** Every blob of which something is there. */
  list(): Promise<readonly ListedBlob[]>;
  /** Removes a blob and, on a server, overwrites its bytes. */
  erase(name: string, zone: string): Promise<void>;
}

export interface Job {
  readonly id: string;
  readonly body: Uint8Array;
  /** How often it was delivered, counted from 1. */
  readonly attempt: number;
}

/** Work that is done at least once, and tried at most `JOB_ATTEMPTS` times. */
export interface Jobs extends Losable {
  /** Returns when the job is stored. A job of the same id within two minutes is the same job. */
  add(queue: string, id: string, body: Uint8Array): Promise<void>;
  /**
   * Works off a queue, one job after the other. A job is done when `handler` returns; if it throws,
   * or this process ends, another worker of the queue gets it, or this one again.
   */
  work(queue: string, handler: (job: Job) => Promise<void>): Promise<Stop>;
  /** Drops the jobs that wait in a queue. */
  purge(queue: string): Promise<void>;
}

/** No body, no headers. */
export const EMPTY: Message = { headers: {}, body: new Uint8Array(0) };

/** Milliseconds without a sign from a worker after which its job goes to another. */
export const JOB_SILENCE_MS = 1500;
/** A job that was delivered this often and is still not done is dropped. */
export const JOB_ATTEMPTS = 5;
