/** Jobs on a JetStream work queue. */
import {
  AckPolicy,
  type Consumer,
  JetStreamApiError,
  type JsMsg,
  jetstream,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import { JOB_SILENCE_MS, type Job, type Jobs } from "./fabric.ts";
import { guard } from "./nats-bucket.ts";

const STREAM = "bailiwick_jobs";
const TIMEOUT_MS = 5000;
const SAME_JOB_MS = 120_000;
const WAIT_MS = 5000;
const RETRY_MS = 200;

export function natsJobs(nc: NatsConnection, isUp: () => boolean): Jobs {
  const client = jetstream(nc, { timeout: TIMEOUT_MS });
  let stream: Promise<void> | null = null;
  const ready = (): Promise<void> => {
    stream ??= ensureStream(nc);
    stream.catch(() => {
      stream = null;
    });
    return stream;
  };
  return {
    add: (queue, id, body) =>
      guard("jobs", async () => {
        await ready();
        await client.publish(subjectOf(queue), body, { msgID: `${queue}/${id}` });
      }),
    work: async (queue, handler) => {
      await guard("jobs", ready);
      const consumer = await guard("jobs", () => ensureConsumer(nc, queue));
      let isStopped = false;
      const end = workOff(consumer, handler, () => isStopped, isUp);
      return async () => {
        isStopped = true;
        await Promise.race([end, delay(RETRY_MS)]);
      };
    },
    purge: (queue) =>
      guard("jobs", async () => {
        await ready();
        const manager = await client.jetstreamManager();
        await manager.streams.purge(STREAM, { filter: subjectOf(queue) });
      }),
  };
}

function subjectOf(queue: string): string {
  return `bailiwick.jobs.${queue}`;
}

async function ensureStream(nc: NatsConnection): Promise<void> {
  const manager = await jetstream(nc, { timeout: TIMEOUT_MS }).jetstreamManager();
  try {
    await manager.streams.info(STREAM);
    return;
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
  }
  await manager.streams.add({
    name: STREAM,
    subjects: ["bailiwick.jobs.>"],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    duplicate_window: nanos(SAME_JOB_MS),
  });
}

async function ensureConsumer(nc: NatsConnection, queue: string): Promise<Consumer> {
  const client = jetstream(nc, { timeout: TIMEOUT_MS });
  const manager = await client.jetstreamManager();
  const name = queue.replaceAll(".", "-");
  await manager.consumers.add(STREAM, {
    durable_name: name,
    filter_subject: subjectOf(queue),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(JOB_SILENCE_MS),
    max_ack_pending: 16,
  });
  return client.consumers.get(STREAM, name);
}

async function workOff(
  consumer: Consumer,
  handler: (job: Job) => Promise<void>,
  isStopped: () => boolean,
  isUp: () => boolean,
): Promise<void> {
  while (!isStopped()) {
    const msg = isUp() ? await next(consumer) : null;
    if (msg === null) {
      await delay(isUp() ? 0 : RETRY_MS);
      continue;
    }
    if (isStopped()) {
      msg.nak();
      return;
    }
    await workOn(msg, handler);
  }
}

async function next(consumer: Consumer): Promise<JsMsg | null> {
  try {
    return await consumer.next({ expires: WAIT_MS });
  } catch {
    await delay(RETRY_MS);
    return null;
  }
}

async function workOn(msg: JsMsg, handler: (job: Job) => Promise<void>): Promise<void> {
  const beat = setInterval(() => msg.working(), JOB_SILENCE_MS / 3);
  try {
    const body = Uint8Array.from(msg.data);
    const id = (msg.headers?.get("Nats-Msg-Id") ?? "").split("/").at(-1)!;
    await handler({ id, body, attempt: msg.info.deliveryCount });
    await msg.ackAck().catch(() => false);
  } catch {
    msg.nak(RETRY_MS);
  } finally {
    clearInterval(beat);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
