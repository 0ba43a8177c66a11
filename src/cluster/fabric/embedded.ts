/**
 * The fabric within one process: its connections belong to the main thread and its worker threads.
 *
 * Needs no other program. With a folder, durable state, jobs and blobs survive the process: each
 * change is a line of a journal that is on the disk before it is acknowledged.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { createBlobStore } from "./embedded-blobs.ts";
import { createBucketState } from "./embedded-bucket.ts";
import { createJobQueue, type JobQueue } from "./embedded-jobs.ts";
import { openStateJournal, type StateJournal } from "./embedded-journal.ts";
import type { Bucket, BucketName, Delivered, Fabric, Message, Stop } from "./fabric.ts";
import { createRefusals } from "./refusals.ts";
import { absent, unanswered } from "./remote-error.ts";
import { takes } from "./subjects.ts";

/** What a fabric's connections share. */
export interface Hub {
  /** Another connection; closing it ends its subscriptions and gives its jobs to others. */
  connect(): Fabric;
  close(): Promise<void>;
}

export interface HubOptions {
  /** Folder of the state. Default: in memory only. */
  readonly folder?: string;
}

interface Subscription {
  readonly subject: string;
  readonly answer: ((message: Delivered) => Promise<Message>) | null;
  readonly listen: ((message: Delivered) => void) | null;
}

const MAX_BODY_BYTES = 1 << 30;

/** @throws READ_FAILED or STORE_CORRUPT if the folder's journal cannot be read. */
export async function openHub({ folder }: HubOptions = {}): Promise<Hub> {
  const journal = await openStateJournal(folder ?? null);
  const shared: Shared = {
    subscriptions: new Set(),
    buckets: new Map(),
    jobs: createJobQueue(journal),
    blobs: createBlobStore(folder ?? null),
    journal,
  };
  return { connect: () => connectTo(shared), close: () => journal.close() };
}

interface Shared {
  readonly subscriptions: Set<Subscription>;
  readonly buckets: Map<BucketName, Bucket>;
  readonly jobs: JobQueue;
  readonly blobs: Fabric["blobs"];
  readonly journal: StateJournal;
}

function connectTo(shared: Shared): Fabric {
  const { subscriptions, buckets, jobs, blobs, journal } = shared;
  const refusals = createRefusals();
  const stops = new Set<Stop>();
  let isOpen = true;
  const keep = (stop: Stop): Stop => {
    stops.add(stop);
    return async () => {
      stops.delete(stop);
      await stop();
    };
  };
  const subscribe = (subscription: Subscription): Stop => {
    subscriptions.add(subscription);
    return keep(async () => {
      subscriptions.delete(subscription);
    });
  };
  return {
    kind: "embedded",
    failoverMs: 0,
    maxBodyBytes: MAX_BODY_BYTES,
    refusals,
    request: (subject, message, timeoutMs) => ask(subscriptions, subject, message, timeoutMs),
    answer: async (subject, handler) => {
      const answer = async (message: Delivered): Promise<Message> => {
        try {
          return await handler(message);
        } catch (error) {
          refusals.count(error);
          throw error;
        }
      };
      return subscribe({ subject, answer, listen: null });
    },
    publish: (subject, message) => {
      for (const { subject: pattern, listen } of subscriptions) {
        if (listen !== null && takes(pattern, subject))
          queueMicrotask(() => listen({ subject, ...message }));
      }
    },
    listen: async (subject, listen) => subscribe({ subject, answer: null, listen }),
    bucket: async (name) => {
      const state = buckets.get(name) ?? createBucketState(name, journal);
      buckets.set(name, state);
      return { ...state, watch: async (handler) => keep(await state.watch(handler)) };
    },
    blobs,
    jobs: {
      add: jobs.add,
      work: async (queue, handler) => keep(jobs.work(queue, handler)),
      purge: jobs.purge,
      onLost: () => undefined,
    },
    isConnected: () => isOpen,
    onConnection: () => undefined,
    close: async () => {
      isOpen = false;
      await Promise.all([...stops].map((stop) => stop()));
      stops.clear();
    },
  };
}

async function ask(
  subscriptions: ReadonlySet<Subscription>,
  subject: string,
  message: Message,
  timeoutMs: number,
): Promise<Message> {
  const answer = [...subscriptions].find((one) => {
    return one.answer !== null && takes(one.subject, subject);
  })?.answer;
  if (answer === null || answer === undefined) throw absent(subject);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unanswered(subject, timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([answer({ subject, ...message }), late]);
  } catch (error) {
    if (error instanceof BailiwickError) throw error;
    throw new BailiwickError("WORKER_FAILED", "the node failed to answer", { subject }, error);
  } finally {
    clearTimeout(timer);
  }
}
