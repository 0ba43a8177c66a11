/**
 * A connection to the embedded fabric from another thread: calls and deliveries over a port.
 *
 * The main thread serves the port. When the thread ends, for whatever reason, its connection is
 * closed: nothing answers its subjects any more, and its jobs go to other workers.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import { z } from "zod";
import type { Hub } from "./embedded.ts";
import type { Bucket, BucketName, Fabric, Stop } from "./fabric.ts";
import { type Handler, handler, speakOver } from "./port-calls.ts";
import { createRefusals } from "./refusals.ts";

const text = z.string();
const count = z.int();
const bytes = z.instanceof(Uint8Array);
const nothing = z.unknown().transform(() => undefined);
const headers = z.record(text, text);
const message = z.object({ headers, body: bytes });
const delivered = message.extend({ subject: text });
const bucketName = z.enum(["models", "nodes", "homes", "leases", "terms"]);
const entry = z.object({ key: text, value: bytes, revision: count });
const deleted = z.object({ key: text, value: z.null() });
const place = z.object({ name: text, zone: text, isWhole: z.boolean() });
const job = z.object({ id: text, body: bytes, attempt: count });

/** Gives a thread a connection, which it takes up by `connectThread`. */
export function attachThread(hub: Hub, worker: Worker, port: MessagePort): void {
  const fabric = hub.connect();
  const stops = new Map<number, Stop>();
  let nextStop = 0;
  const keep = (stop: Stop): number => {
    stops.set(++nextStop, stop);
    return nextStop;
  };
  const call = speakOver(port, {
    request: handler(z.tuple([text, message, z.number()]), (args) => fabric.request(...args)),
    answer: handler(z.tuple([text, count]), async ([subject, handle]) =>
      keep(await fabric.answer(subject, (own) => call(message, "answer", handle, own))),
    ),
    publish: handler(z.tuple([text, message]), (args) => fabric.publish(...args)),
    listen: handler(z.tuple([text, count]), async ([subject, handle]) =>
      keep(await fabric.listen(subject, (own) => void call(nothing, "listen", handle, own))),
    ),
    get: handler(z.tuple([bucketName, text]), async ([name, key]) =>
      (await fabric.bucket(name)).get(key),
    ),
    put: handler(
      z.tuple([bucketName, text, bytes, count.optional()]),
      async ([name, key, value, expected]) => (await fabric.bucket(name)).put(key, value, expected),
    ),
    delete: handler(z.tuple([bucketName, text]), async ([name, key]) =>
      (await fabric.bucket(name)).delete(key),
    ),
    keys: handler(z.tuple([bucketName]), async ([name]) => (await fabric.bucket(name)).keys()),
    watch: handler(z.tuple([bucketName, count]), async ([name, handle]) => {
      const bucket = await fabric.bucket(name);
      return keep(await bucket.watch((change) => void call(nothing, "watch", handle, change)));
    }),
    putBlob: handler(z.tuple([text, text, bytes]), (args) => fabric.blobs.put(...args)),
    getBlob: handler(z.tuple([text, text]), (args) => fabric.blobs.get(...args)),
    listBlobs: handler(z.tuple([]), () => fabric.blobs.list()),
    eraseBlob: handler(z.tuple([text, text]), (args) => fabric.blobs.erase(...args)),
    addJob: handler(z.tuple([text, text, bytes]), (args) => fabric.jobs.add(...args)),
    work: handler(z.tuple([text, count]), async ([queue, handle]) =>
      keep(await fabric.jobs.work(queue, (own) => call(nothing, "work", handle, own))),
    ),
    purge: handler(z.tuple([text]), ([queue]) => fabric.jobs.purge(queue)),
    stop: handler(z.tuple([count]), async ([handle]) => {
      await stops.get(handle)?.();
      stops.delete(handle);
    }),
    close: fabric.close,
  });
  worker.once("exit", () => void fabric.close());
}

/** The connection that the main thread has given to this one. */
export function connectThread(port: MessagePort): Fabric {
  const handlers = new Map<number, Handler>();
  let nextHandle = 0;
  const dispatch = handler(z.tuple([count, z.unknown()]), ([handle, own]) =>
    handlers.get(handle)?.(own),
  );
  const call = speakOver(port, {
    answer: dispatch,
    listen: dispatch,
    watch: dispatch,
    work: dispatch,
  });
  const begin = async (to: string, what: string, run: Handler): Promise<Stop> => {
    const handle = ++nextHandle;
    handlers.set(handle, run);
    const stop = await call(count, to, what, handle);
    return async () => {
      await call(nothing, "stop", stop);
      handlers.delete(handle);
    };
  };
  const bucketOf = (name: BucketName): Bucket => ({
    get: (key) => call(entry.nullable(), "get", name, key),
    put: (...args) => call(count.nullable(), "put", name, ...args),
    delete: (key) => call(nothing, "delete", name, key),
    keys: () => call(z.array(text), "keys", name),
    watch: (run) => begin("watch", name, handler(z.union([entry, deleted]), run)),
    onLost: () => undefined,
  });
  return {
    kind: "embedded",
    failoverMs: 0,
    maxBodyBytes: 1 << 30,
    refusals: createRefusals(),
    request: (...args) => call(message, "request", ...args),
    answer: (subject, run) => begin("answer", subject, handler(delivered, run)),
    publish: (...args) => void call(nothing, "publish", ...args),
    listen: (subject, run) => begin("listen", subject, handler(delivered, run)),
    bucket: async (name) => bucketOf(name),
    blobs: {
      put: (...args) => call(nothing, "putBlob", ...args),
      get: (...args) => call(bytes.nullable(), "getBlob", ...args),
      list: () => call(z.array(place), "listBlobs"),
      erase: (...args) => call(nothing, "eraseBlob", ...args),
      onLost: () => undefined,
    },
    jobs: {
      add: (...args) => call(nothing, "addJob", ...args),
      work: (queue, run) => begin("work", queue, handler(job, run)),
      purge: (queue) => call(nothing, "purge", queue),
      onLost: () => undefined,
    },
    isConnected: () => true,
    onConnection: () => undefined,
    close: () => call(nothing, "close"),
  };
}
