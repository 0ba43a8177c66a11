/**
 * The contract of a fabric: what carries requests, state, weights and jobs between processes.
 *
 * A router, nodes that hold experts, a placer and trainers speak to each other through this and
 * nothing else. Two implementations pass one conformance suite: `embedded` (this process and its
 * threads; needs nothing) and `nats` (a NATS server with JetStream; any number of machines).
 *
 * Subjects are texts of tokens between dots; a subscription's `*` stands for one token and a last
 * `>` for one or more.
 */

/** Short texts beside a body: printable ASCII. */
export type Headers = Readonly<Record<string, string>>;

export interface Message {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface Delivered extends Message {
  readonly subject: string;
}

/** Ends what was begun. */
export type Stop = () => Promise<void>;

export interface Fabric {
  readonly kind: "embedded" | "nats";
  /** Largest body of one message, in bytes. */
  readonly maxBodyBytes: number;
  /**
   * The answer of whoever answers this subject.
   *
   * @throws NODE_UNAVAILABLE at once if nobody does, after `timeoutMs` if no answer came, or if
   *   the connection is down.
   */
  request(subject: string, message: Message, timeoutMs: number): Promise<Message>;
  /** Answers requests. An error thrown by `handler` is answered as one, to be rethrown there. */
  answer(subject: string, handler: (message: Delivered) => Promise<Message>): Promise<Stop>;
  /** To whoever listens now. Nothing tells whether anybody does. */
  publish(subject: string, message: Message): void;
  listen(subject: string, handler: (message: Delivered) => void): Promise<Stop>;
  /** State that all see. */
  bucket(name: BucketName): Promise<Bucket>;
  readonly blobs: Blobs;
  readonly jobs: Jobs;
  isConnected(): boolean;
  /** Calls `handler` whenever the connection is lost or there again. */
  onConnection(handler: (isConnected: boolean) => void): void;
  close(): Promise<void>;
}

/**
 * models   what is served, a key a model           nodes    who is there; entries expire
 * table    which node holds which expert           leases   who is the placer; entries expire
 * experts  what each blob is, a key a blob
 */
export type BucketName = "models" | "nodes" | "table" | "leases" | "experts";

/** Entries of these buckets vanish when they were not put again for so long. */
export const EXPIRES_MS: Readonly<Partial<Record<BucketName, number>>> = {
  nodes: 3000,
  leases: 3000,
};

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Greater with every change of the bucket. */
  readonly revision: number;
}

/** Keys are tokens of letters, digits, `_` and `-` between dots. */
export interface Bucket {
  get(key: string): Promise<Entry | null>;
  /**
   * Puts a value; when this returns it is durable, unless the bucket's entries expire.
   *
   * @param expected - The revision that must still hold, 0 for a key that must not be there.
   * @returns The new revision; null if another one held, and nothing was changed.
   * @throws FABRIC_UNAVAILABLE if it is not known whether it was put.
   */
  put(key: string, value: Uint8Array, expected?: number): Promise<number | null>;
  delete(key: string): Promise<void>;
  /**
   * Calls `handler` with all that is there, then with the changes in their order; `value` null
   * where a key was deleted. Of changes to one key that follow each other at once only the last
   * is sure to be told of. An entry that expires is not told of: who needs to know keeps the time.
   */
  watch(handler: (entry: Entry | Deleted) => void): Promise<Stop>;
}

export interface Deleted {
  readonly key: string;
  readonly value: null;
}

/** Bytes by their SHA-256. Not for the only copy of anything. */
export interface Blobs {
  /** @returns The bytes' SHA-256. */
  put(bytes: Uint8Array): Promise<string>;
  /** @throws BLOB_CORRUPT if what is there has another hash; null if nothing is. */
  get(hash: string): Promise<Uint8Array | null>;
}

export interface Job {
  readonly id: string;
  readonly body: Uint8Array;
  /** Counted from 1: how often it was delivered. */
  readonly attempt: number;
}

/** Work that is done at least once. */
export interface Jobs {
  /** Returns when the job is kept. A job of the same id within two minutes is the same job. */
  add(queue: string, id: string, body: Uint8Array): Promise<void>;
  /**
   * Works off a queue, one job after the other. A job is done when `handler` returns; if it throws,
   * or this process ends, another worker of the queue gets it, or this one again.
   */
  work(queue: string, handler: (job: Job) => Promise<void>): Promise<Stop>;
  /** Drops what waits in a queue. */
  purge(queue: string): Promise<void>;
}

/** No body, no headers. */
export const EMPTY: Message = { headers: {}, body: new Uint8Array(0) };

/** How long a worker may be silent about a job before another gets it. */
export const JOB_SILENCE_MS = 1500;
