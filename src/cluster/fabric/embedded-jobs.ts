/** The embedded fabric's queues: a job whose worker has gone is the next one's. */

import type { StateJournal } from "./embedded-journal.ts";
import type { Job, Stop } from "./fabric.ts";

export interface JobQueue {
  add(queue: string, id: string, body: Uint8Array): Promise<void>;
  work(queue: string, handler: (job: Job) => Promise<void>): Stop;
  purge(queue: string): Promise<void>;
}

interface Waiting {
  readonly id: string;
  readonly body: Uint8Array;
  attempt: number;
}

interface Queue {
  readonly waiting: Waiting[];
  readonly wake: Set<() => void>;
  readonly known: Set<string>;
}

const RETRY_MS = 200;

export function createJobQueue(journal: StateJournal): JobQueue {
  const queues = new Map<string, Queue>();
  const queueOf = (name: string): Queue => {
    const queue = queues.get(name) ?? { waiting: [], wake: new Set(), known: new Set() };
    queues.set(name, queue);
    return queue;
  };
  const give = (queue: Queue, job: Waiting, first = false): void => {
    if (first) queue.waiting.unshift(job);
    else queue.waiting.push(job);
    for (const wake of [...queue.wake]) wake();
  };
  for (const change of journal.changes) {
    if (change.kind === "job") {
      const body = Uint8Array.from(Buffer.from(change.body, "base64"));
      queueOf(change.queue).waiting.push({ id: change.id, body, attempt: 0 });
    }
    if (change.kind === "done") {
      const { waiting } = queueOf(change.queue);
      waiting.splice(
        waiting.findIndex(({ id }) => id === change.id),
        1,
      );
    }
  }
  const finish = (name: string, id: string): Promise<void> =>
    journal.append({ kind: "done", queue: name, id });

  return {
    add: async (name, id, given) => {
      const queue = queueOf(name);
      if (queue.known.has(id)) return;
      queue.known.add(id);
      const body = Uint8Array.from(given);
      const text = Buffer.from(body).toString("base64");
      await journal.append({ kind: "job", queue: name, id, body: text });
      give(queue, { id, body, attempt: 0 });
    },
    work: (name, handler) => {
      const queue = queueOf(name);
      let isStopped = false;
      let atWork: Waiting | null = null;
      const attempt = async (job: Waiting): Promise<void> => {
        job.attempt += 1;
        try {
          await handler({ ...job });
          if (!isStopped) await finish(name, job.id);
        } catch {
          if (!isStopped) setTimeout(() => give(queue, job, true), RETRY_MS);
        }
      };
      const turn = async (): Promise<void> => {
        if (isStopped || atWork !== null) return;
        const job = queue.waiting.shift();
        if (job === undefined) return;
        atWork = job;
        await attempt(job);
        if (atWork === job) atWork = null;
        void turn();
      };
      const wake = (): void => void turn();
      queue.wake.add(wake);
      wake();
      return async () => {
        isStopped = true;
        queue.wake.delete(wake);
        if (atWork !== null) give(queue, atWork, true);
        atWork = null;
      };
    },
    purge: async (name) => {
      const gone = queueOf(name).waiting.splice(0);
      await Promise.all(gone.map(({ id }) => finish(name, id)));
    },
  };
}
