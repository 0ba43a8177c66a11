/** The embedded fabric's queues: a job whose worker has gone goes to the next one. */
import type { StateJournal } from "./embedded-journal.ts";
import { JOB_ATTEMPTS, type Job, type Stop } from "./fabric.ts";

export interface JobQueue {
  add(queue: string, id: string, body: Uint8Array): Promise<void>;
  work(queue: string, handler: (job: Job) => Promise<void>): Stop;
  purge(queue: string): Promise<void>;
}

interface WaitingJob {
  readonly id: string;
  readonly body: Uint8Array;
  attempt: number;
}

interface Queue {
  readonly waiting: WaitingJob[];
  readonly wake: Set<() => void>;
  readonly seenIds: Set<string>;
  /** Writes that a job is done, or dropped. */
  finish(id: string): Promise<void>;
}

const RETRY_MS = 200;

export function createJobQueue(journal: StateJournal): JobQueue {
  const queues = new Map<string, Queue>();
  const queueOf = (name: string): Queue => {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const finish = (id: string): Promise<void> => journal.append({ kind: "done", queue: name, id });
    const queue: Queue = { waiting: [], wake: new Set(), seenIds: new Set(), finish };
    queues.set(name, queue);
    return queue;
  };
  replay(journal, queueOf);
  return {
    add: async (name, id, bytes) => {
      const queue = queueOf(name);
      if (queue.seenIds.has(id)) return;
      queue.seenIds.add(id);
      const body = Uint8Array.from(bytes);
      const text = Buffer.from(body).toString("base64");
      await journal.append({ kind: "job", queue: name, id, body: text });
      queue.waiting.push({ id, body, attempt: 0 });
      wakeWorkers(queue);
    },
    work: (name, handler) => workOff(queueOf(name), handler),
    purge: async (name) => {
      const queue = queueOf(name);
      const dropped = queue.waiting.splice(0);
      await Promise.all(dropped.map(({ id }) => queue.finish(id)));
    },
  };
}

/** Jobs of earlier processes that are not done. */
function replay({ changes }: StateJournal, queueOf: (name: string) => Queue): void {
  for (const change of changes) {
    if (change.kind === "job") {
      const body = Uint8Array.from(Buffer.from(change.body, "base64"));
      queueOf(change.queue).waiting.push({ id: change.id, body, attempt: 0 });
    }
    if (change.kind === "done") {
      const { waiting } = queueOf(change.queue);
      const at = waiting.findIndex(({ id }) => id === change.id);
      if (at >= 0) waiting.splice(at, 1);
    }
  }
}

function wakeWorkers(queue: Queue): void {
  for (const wake of [...queue.wake]) wake();
}

function giveBack(queue: Queue, job: WaitingJob): void {
  queue.waiting.unshift(job);
  wakeWorkers(queue);
}

/** One worker: takes job after job until it is stopped; the current job then goes to another. */
function workOff(queue: Queue, handler: (job: Job) => Promise<void>): Stop {
  let isStopped = false;
  let atHand: WaitingJob | null = null;
  const attempt = async (job: WaitingJob): Promise<void> => {
    job.attempt += 1;
    try {
      await handler({ ...job });
      if (!isStopped) await queue.finish(job.id);
    } catch {
      if (isStopped) return;
      if (job.attempt >= JOB_ATTEMPTS) await queue.finish(job.id);
      else setTimeout(() => giveBack(queue, job), RETRY_MS);
    }
  };
  const turn = async (): Promise<void> => {
    if (isStopped || atHand !== null) return;
    const job = queue.waiting.shift();
    if (job === undefined) return;
    atHand = job;
    await attempt(job);
    if (atHand === job) atHand = null;
    void turn();
  };
  const wake = (): void => void turn();
  queue.wake.add(wake);
  wake();
  return async () => {
    isStopped = true;
    queue.wake.delete(wake);
    if (atHand !== null) giveBack(queue, atHand);
    atHand = null;
  };
}
