/**
 * A connection to the embedded fabric from another thread: calls and deliveries over a port.
 *
 * The main thread serves the port; when the thread ends, for whatever reason, its connection is
 * closed: what it answered is answered by nobody, what it worked at is another's.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import { BailiwickError, ERROR_CODES, type ErrorCode } from "../../shared/errors.ts";
import type { Hub } from "./embedded.ts";
import type {
  Bucket,
  BucketName,
  Deleted,
  Delivered,
  Entry,
  Fabric,
  Job,
  Message,
  Stop,
} from "./fabric.ts";

/** A call over the port, in either direction. */
interface Call {
  readonly id: number;
  readonly to: string;
  readonly args: readonly unknown[];
}

interface Outcome {
  readonly re: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

type Port = Pick<MessagePort, "postMessage" | "on">;
type Handlers = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Both ends of a port are alike: each calls the other's handlers by name. */
function speak(
  port: Port,
  handlers: Handlers,
): (to: string, ...args: unknown[]) => Promise<unknown> {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let last = 0;
  port.on("message", (message: Call | Outcome) => {
    if ("re" in message) {
      const waiting = open.get(message.re);
      open.delete(message.re);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(revive(message.error));
      return;
    }
    const run = async (): Promise<unknown> =>
      (handlers[message.to] as (...args: unknown[]) => unknown)(...message.args);
    run().then(
      (value) => port.postMessage({ re: message.id, value } satisfies Outcome),
      (error) => port.postMessage({ re: message.id, error: describe(error) } satisfies Outcome),
    );
  });
  return (to, ...args) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      open.set(id, { resolve, reject });
      port.postMessage({ id, to, args } satisfies Call);
    });
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof BailiwickError) return { code: error.code, message: error.message };
  return { code: "WORKER_FAILED", message: error instanceof Error ? error.message : String(error) };
}

function revive({ code, message }: { code: string; message: string }): BailiwickError {
  const known = ERROR_CODES.includes(code as ErrorCode);
  return new BailiwickError(known ? (code as ErrorCode) : "WORKER_FAILED", message);
}

/** Gives a thread a connection of its own; it takes it up by `connectThread`. */
export function attachThread(hub: Hub, worker: Worker, port: MessagePort): void {
  const fabric = hub.connect();
  const stops = new Map<number, Stop>();
  let nextStop = 0;
  const keep = (stop: Stop): number => {
    stops.set(++nextStop, stop);
    return nextStop;
  };
  const call = speak(port, {
    request: fabric.request,
    answer: async (subject: string, handle: number) =>
      keep(
        await fabric.answer(
          subject,
          (message) => call("answer", handle, message) as Promise<Message>,
        ),
      ),
    publish: fabric.publish,
    listen: async (subject: string, handle: number) =>
      keep(await fabric.listen(subject, (message) => void call("listen", handle, message))),
    get: async (name: BucketName, key: string) => (await fabric.bucket(name)).get(key),
    put: async (name: BucketName, key: string, value: Uint8Array, expected?: number) =>
      (await fabric.bucket(name)).put(key, value, expected),
    delete: async (name: BucketName, key: string) => (await fabric.bucket(name)).delete(key),
    watch: async (name: BucketName, handle: number) => {
      const bucket = await fabric.bucket(name);
      return keep(await bucket.watch((entry) => void call("watch", handle, entry)));
    },
    putBlob: fabric.blobs.put,
    getBlob: fabric.blobs.get,
    addJob: fabric.jobs.add,
    work: async (queue: string, handle: number) =>
      keep(await fabric.jobs.work(queue, (job) => call("work", handle, job) as Promise<void>)),
    purge: fabric.jobs.purge,
    stop: async (handle: number) => {
      await stops.get(handle)?.();
      stops.delete(handle);
    },
    close: fabric.close,
  });
  worker.once("exit", () => void fabric.close());
}

/** The connection that the main thread has given to this one. */
export function connectThread(port: MessagePort): Fabric {
  type Handler = (message: never) => unknown;
  const handlers = new Map<number, Handler>();
  let nextHandle = 0;
  const dispatch = (handle: number, message: unknown): unknown =>
    handlers.get(handle)?.(message as never);
  const call = speak(port, { answer: dispatch, listen: dispatch, watch: dispatch, work: dispatch });
  const begin = async (to: string, what: string, handler: Handler): Promise<Stop> => {
    const handle = ++nextHandle;
    handlers.set(handle, handler);
    const stop = await call(to, what, handle);
    return async () => {
      await call("stop", stop);
      handlers.delete(handle);
    };
  };
  const bucketOf = (name: BucketName): Bucket => ({
    get: (key) => call("get", name, key) as Promise<Entry | null>,
    put: (key, value, expected) =>
      call("put", name, key, value, expected) as Promise<number | null>,
    delete: (key) => call("delete", name, key) as Promise<void>,
    watch: (handler: (entry: Entry | Deleted) => void) => begin("watch", name, handler as Handler),
  });
  return {
    kind: "embedded",
    maxBodyBytes: 1 << 30,
    request: (subject, message, timeoutMs) =>
      call("request", subject, message, timeoutMs) as Promise<Message>,
    answer: (subject, handler: (message: Delivered) => Promise<Message>) =>
      begin("answer", subject, handler as Handler),
    publish: (subject, message) => void call("publish", subject, message),
    listen: (subject, handler: (message: Delivered) => void) =>
      begin("listen", subject, handler as Handler),
    bucket: async (name) => bucketOf(name),
    blobs: {
      put: (bytes) => call("putBlob", bytes) as Promise<string>,
      get: (hash) => call("getBlob", hash) as Promise<Uint8Array | null>,
    },
    jobs: {
      add: (queue, id, body) => call("addJob", queue, id, body) as Promise<void>,
      work: (queue, handler: (job: Job) => Promise<void>) =>
        begin("work", queue, handler as Handler),
      purge: (queue) => call("purge", queue) as Promise<void>,
    },
    isConnected: () => true,
    onConnection: () => undefined,
    close: () => call("close") as Promise<void>,
  };
}
