/**
 * The fabric within one process: its connections are the main thread's and those of its threads.
 *
 * Needs nothing. Where a folder is given, state that does not expire, jobs and blobs survive the
 * process: each change is a line of a journal that has reached the disk before it is acknowledged.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { createBlobStore } from "./embedded-blobs.ts";
import { type BucketState, createBucketState } from "./embedded-bucket.ts";
import { createJobQueue, type JobQueue } from "./embedded-jobs.ts";
import { openStateJournal, type StateJournal } from "./embedded-journal.ts";
import type { BucketName, Delivered, Fabric, Message, Stop } from "./fabric.ts";
import { takes } from "./subjects.ts";

/** What a fabric's connections share. */
export interface Hub {
  /** Another connection; closing it ends what it answers, and gives back the jobs it is at. */
  connect(): Fabric;
  close(): Promise<void>;
}

export interface HubOptions {
  /** Where state is kept; in memory only if left out. */
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
  readonly buckets: Map<BucketName, BucketState>;
  readonly jobs: JobQueue;
  readonly blobs: Fabric["blobs"];
  readonly journal: StateJournal;
}

function connectTo(shared: Shared): Fabric {
  const { subscriptions, buckets, jobs, blobs, journal } = shared;
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
    maxBodyBytes: MAX_BODY_BYTES,
    request: (subject, message, timeoutMs) => ask(subscriptions, subject, message, timeoutMs),
    answer: async (subject, answer) => subscribe({ subject, answer, listen: null }),
    publish: (subject, message) => {
      for (const { subject: own, listen } of subscriptions) {
        if (listen !== null && takes(own, subject))
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
  const found = [...subscriptions].find(({ subject: own, answer }) => {
    return answer !== null && takes(own, subject);
  });
  if (found === undefined) throw unavailable(subject, "nobody is there");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailable(subject, `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([found.answer!({ subject, ...message }), late]);
  } catch (error) {
    if (error instanceof BailiwickError) throw error;
    throw new BailiwickError("WORKER_FAILED", "the node failed to answer", { subject }, error);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(subject: string, why: string): BailiwickError {
  return new BailiwickError("NODE_UNAVAILABLE", `${subject} must be answered, ${why}`, { subject });
}
