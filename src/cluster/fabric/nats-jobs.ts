/** Jobs on a JetStream work queue. */
import {
  AckPolicy,
  type Consumer,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import { JOB_ATTEMPTS, JOB_SILENCE_MS, type Job, type Jobs, type Stop } from "./fabric.ts";
import { guard } from "./nats-guard.ts";
import { isDenied, type Store } from "./nats-streams.ts";

const STREAM = "bailiwick_jobs";
const TIMEOUT_MS = 5000;
const SAME_JOB_MS = 120_000;
const WAIT_MS = 5000;
const RETRY_MS = 200;
/** Between attempts to open a queue that is not there, or may not be made by this process. */
const REOPEN_MS = 1000;

export function natsJobs({ nc, keeper, nCopies }: Store, isUp: () => boolean): Jobs {
  const client = jetstream(nc, { timeout: TIMEOUT_MS });
  const lostHandlers = new Set<() => Promise<void>>();
  /** Queues whose consumer this process has made. */
  const prepared = new Set<string>();
  const runLostHandlers = async (): Promise<void> => {
    await Promise.all([...lostHandlers].map((handler) => handler()));
  };
  const spec = {
    name: STREAM,
    keepsAll: false,
    make: () => makeStream(nc, nCopies),
    onLost: async () => {
      prepared.clear();
      await runLostHandlers();
    },
    onReconnect: async (): Promise<void> => undefined,
  };
  let kept: Promise<void> | null = null;
  const ready = async (): Promise<void> => {
    kept ??= keeper.keep(spec).catch((error: unknown) => {
      kept = null;
      throw error;
    });
    return kept;
  };
  return {
    add: (queue, id, body) =>
      guard("jobs", async () => {
        await ready();
        await keeper.ensure(spec);
        // Workers may lack the permission to make a consumer.
        if (!prepared.has(queue)) await makeConsumer(nc, queue);
        prepared.add(queue);
        await client.publish(subjectOf(queue), body, { msgID: `${queue}/${id}` });
      }),
    work: async (queue, handler) => {
      const openConsumer = consumerOpener(nc, queue);
      const worker = createWorker(
        async () => {
          await ready();
          return openConsumer();
        },
        handler,
        isUp,
      );
      lostHandlers.add(worker.reopen);
      return async () => {
        lostHandlers.delete(worker.reopen);
        await worker.stop();
      };
    },
    purge: (queue) =>
      guard("jobs", async () => {
        await ready();
        const manager = await client.jetstreamManager();
        await manager.streams.purge(STREAM, { filter: subjectOf(queue) });
      }),
    onLost: (handler) => {
      lostHandlers.add(handler);
    },
  };
}

function subjectOf(queue: string): string {
  return `bailiwick.jobs.${queue}`;
}

async function makeStream(nc: NatsConnection, nCopies: number): Promise<unknown> {
  const manager = await jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false });
  return manager.streams.add({
    name: STREAM,
    subjects: ["bailiwick.jobs.>"],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: nCopies,
    duplicate_window: nanos(SAME_JOB_MS),
  });
}

/** Pull consumers alone: one that pushes could deliver into the subjects of others. */
async function makeConsumer(nc: NatsConnection, queue: string): Promise<void> {
  const manager = await jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false });
  await manager.consumers.add(STREAM, {
    durable_name: consumerOf(queue),
    filter_subject: subjectOf(queue),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(JOB_SILENCE_MS),
    max_ack_pending: 16,
    max_deliver: JOB_ATTEMPTS,
  });
}

function consumerOf(queue: string): string {
  return queue.replaceAll(".", "-");
}

/** Opens a queue's consumer, and makes it unless this user may not: then a run makes it. */
function consumerOpener(nc: NatsConnection, queue: string): () => Promise<Consumer> {
  let mayMake = true;
  return async () => {
    if (mayMake) {
      await makeConsumer(nc, queue).catch((error: unknown) => {
        if (!isDenied(error)) throw error;
        mayMake = false;
      });
    }
    return jetstream(nc, { timeout: TIMEOUT_MS }).consumers.get(STREAM, consumerOf(queue));
  };
}

interface Worker {
  /** The queue was lost: opens it again. */
  reopen(): Promise<void>;
  readonly stop: Stop;
}

/** Opens the queue, as often as it takes, and works off what is in it until it is stopped. */
function createWorker(
  open: () => Promise<Consumer>,
  handler: (job: Job) => Promise<void>,
  isUp: () => boolean,
): Worker {
  let isStopped = false;
  let consumer: Consumer | null = null;
  let giveUpWaiting = (): void => undefined;
  const next = async (): Promise<JsMsg | null> => {
    const lost = new Promise<null>((resolve) => {
      giveUpWaiting = () => resolve(null);
    });
    try {
      consumer ??= await open();
      return await Promise.race([consumer.next({ expires: WAIT_MS }), lost]);
    } catch {
      const waitMs = consumer === null ? REOPEN_MS : RETRY_MS;
      consumer = null;
      await delay(waitMs);
      return null;
    }
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const msg = isUp() ? await next() : null;
      if (msg !== null && isStopped) msg.nak();
      else if (msg !== null) await workOn(msg, handler);
      else if (!isUp()) await delay(RETRY_MS);
    }
  };
  const ended = run();
  return {
    reopen: async () => {
      consumer = null;
      giveUpWaiting();
    },
    stop: async () => {
      isStopped = true;
      await Promise.race([ended, delay(RETRY_MS)]);
    },
  };
}

async function workOn(msg: JsMsg, handler: (job: Job) => Promise<void>): Promise<void> {
  const attempt = msg.info.deliveryCount;
  const beat = setInterval(() => msg.working(), JOB_SILENCE_MS / 3);
  try {
    const body = Uint8Array.from(msg.data);
    const id = (msg.headers?.get("Nats-Msg-Id") ?? "").split("/").at(-1)!;
    await handler({ id, body, attempt });
    await msg.ackAck().catch(() => false);
  } catch {
    if (attempt >= JOB_ATTEMPTS) msg.term();
    else msg.nak(RETRY_MS);
  } finally {
    clearInterval(beat);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
