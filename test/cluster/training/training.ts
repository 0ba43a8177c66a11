/** Training over any fabric: the bits of training here, whatever happens on the way. */
import { afterEach, describe, expect, test } from "vitest";
import { EMPTY, type Fabric, type Message, runSubject } from "../../../src/cluster/fabric/index.ts";
import { startNode } from "../../../src/cluster/nodes/index.ts";
import { watchDirectory } from "../../../src/cluster/router/index.ts";
import {
  createFabricExecutor,
  type FabricExecutor,
  type FabricExecutorOptions,
  startTrainer,
} from "../../../src/cluster/training/index.ts";
import { parseJob, queueOf } from "../../../src/cluster/training/run-messages.ts";
import { decodeTask, encodeTrained } from "../../../src/cluster/training/wire.ts";
import {
  createReferenceEngine,
  createWasmEngine,
  type Samples,
} from "../../../src/experts/index.ts";
import {
  createInlineExecutor,
  DEFAULT_FIT,
  type FitOptions,
  fitMixture,
} from "../../../src/mixture/index.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { until } from "../fabric/conformance.ts";
import { specialistLike } from "./task.ts";

const OPTIONS: FitOptions = {
  ...DEFAULT_FIT,
  experts: 3,
  hidden: [6],
  tuning: { steps: [60], extendTo: 60, learningRates: [1e-2], weightDecays: [0.01] },
  competition: { ...DEFAULT_FIT.competition, rounds: 4 },
};

function someSamples(nRows: number): Samples {
  const rng = createRng(3);
  const values = Float32Array.from({ length: 3 * nRows }, () => rng.normal());
  const y = Float32Array.from({ length: nRows }, (_, i) => {
    const [a, b] = [values[3 * i]!, values[3 * i + 1]!];
    return a > 0 ? Math.sin(2 * b) : 1 - b;
  });
  return { X: { values, nRows, nColumns: 3 }, y, weights: null, groups: null };
}

interface RogueJob {
  ask(what: string, own?: Partial<Message>): Promise<Message>;
}

export function describeTraining(name: string, connect: () => Promise<Fabric>): void {
  describe(`training over ${name}`, () => {
    const ends: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end();
    });
    const trainer = async (own: string, zone = "default"): Promise<() => Promise<void>> => {
      const fabric = await connect();
      const engine = await createWasmEngine({ threads: 2 });
      const serving = createReferenceEngine();
      const given = { name: own, zone, engine: serving, memoryBytes: 1e6, trains: true };
      const node = await startNode(fabric, given);
      const stop = await startTrainer(fabric, { name: own, zone, engine });
      let isOver = false;
      const end = async (): Promise<void> => {
        if (isOver) return;
        isOver = true;
        await fabric.close();
        await node.close().catch(() => undefined);
        await stop().catch(() => undefined);
        await engine.close();
      };
      ends.push(end);
      return end;
    };
    const executor = async (
      options: Partial<FabricExecutorOptions> = {},
    ): Promise<FabricExecutor> => {
      const fabric = await connect();
      const engine = await createWasmEngine();
      const own = await createFabricExecutor(fabric, { engine, ...options });
      ends.push(async () => {
        await own.close();
        await fabric.close();
      });
      return own;
    };
    const alone = async (): Promise<unknown> => {
      const own = createInlineExecutor(await createWasmEngine());
      const { mixture, base, cost } = await fitMixture(someSamples(300), OPTIONS, own);
      await own.close();
      return { mixture, base, cost };
    };

    test("two trainers give the bits of one process, and rows move once", async () => {
      await trainer("a");
      await trainer("b");
      const remote = await executor();
      const { mixture, base, cost } = await fitMixture(someSamples(300), OPTIONS, remote);
      expect({ mixture, base, cost }).toEqual(await alone());
      const { rowBytes, reshuffledRowBytes, nTasks, nRedelivered } = remote.moved();
      expect(nTasks).toBeGreaterThan(10);
      expect(nRedelivered).toBe(0);
      expect(rowBytes).toBeLessThan(0.6 * reshuffledRowBytes);
    });

    test("a trainer that is killed loses its tasks to the other, and no bit changes", async () => {
      await trainer("a");
      const kill = await trainer("b");
      const remote = await executor();
      const fitting = fitMixture(someSamples(300), OPTIONS, remote);
      await until(() => remote.moved().nTasks >= 8);
      await kill();
      const { mixture, base, cost } = await fitting;
      expect({ mixture, base, cost }).toEqual(await alone());
    });

    /** A node that announces itself as a trainer and works at its queue as it likes. */
    const rogue = async (name: string, work: (job: RogueJob) => Promise<void>): Promise<void> => {
      const fabric = await connect();
      const engine = createReferenceEngine();
      const given = { name, zone: "default", engine, memoryBytes: 1e6, trains: true };
      const node = await startNode(fabric, given);
      const stop = await fabric.jobs.work(queueOf(node.key), async ({ body }) => {
        const { run, task } = parseJob(body);
        const headers = { task: String(task), part: "0" };
        const ask = (what: string, own: Partial<Message> = {}): Promise<Message> =>
          fabric.request(runSubject(run, node.key, what), { ...EMPTY, headers, ...own }, 2000);
        await work({ ask });
      });
      ends.push(async () => {
        await stop();
        await node.close();
        await fabric.close();
      });
    };
    const fitsAsAlone = async (remote: FabricExecutor): Promise<void> => {
      const { mixture, base, cost } = await fitMixture(someSamples(300), OPTIONS, remote);
      expect({ mixture, base, cost }).toEqual(await alone());
    };

    test("the only trainer is killed: the run trains by itself, and no bit changes", async () => {
      const kill = await trainer("a");
      const remote = await executor();
      const fitting = fitsAsAlone(remote);
      await until(() => remote.moved().nTasks >= 8);
      await kill();
      await fitting;
      expect(remote.moved().nTrainedHere).toBeGreaterThan(0);
    });

    test.each<[string, (job: RogueJob) => Promise<void>]>([
      [
        "brings no net",
        async ({ ask }) => {
          await ask("task");
          await ask("done", { body: new Uint8Array(7) });
        },
      ],
      [
        "brings a net that is not finite",
        async ({ ask }) => {
          const { body } = await ask("task");
          const { head } = decodeTask(body);
          const nan = new Float32Array(head.nParameters).fill(Number.NaN);
          const net = { sizes: head.sizes, activation: head.activation, parameters: nan };
          const moments = { first: nan, second: nan, step: 1 };
          await ask("done", { body: encodeTrained({ net, moments }) });
        },
      ],
      [
        "brings another net",
        async ({ ask }) => {
          const { body } = await ask("task");
          const { head, parameters } = decodeTask(body);
          const net = { sizes: head.sizes, activation: head.activation, parameters };
          const moments = { first: parameters, second: parameters, step: 1 };
          await ask("done", { body: encodeTrained({ net, moments }) });
        },
      ],
      [
        "fails at every task",
        async ({ ask }) => {
          await ask("task");
          throw new Error("no room");
        },
      ],
      [
        "says that it fails",
        async ({ ask }) => {
          await ask("failed", { headers: { task: "0", why: "no room" } });
        },
      ],
      ["takes jobs and does nothing", async () => undefined],
      [
        "sends nonsense",
        async ({ ask }) => {
          await ask("task", { headers: { task: "x" } });
        },
      ],
    ])("a trainer that %s holds nothing up, and no bit changes", async (_, work) => {
      await rogue("rogue", work);
      const said: string[] = [];
      const remote = await executor({ silentMs: 1500, log: (line) => said.push(line) });
      const directory = await watchDirectory(await connect());
      await until(() => directory.nodes().has("default.rogue"));
      await directory.close();
      await fitsAsAlone(remote);
      expect(remote.moved().nTasks).toBeGreaterThan(0);
      expect(said.length).toBeGreaterThan(0);
    });

    test("a trainer that is at a task for too long loses it", async () => {
      await rogue("slow", async ({ ask }) => {
        await ask("task");
        for (;;) {
          await ask("working");
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      });
      const remote = await executor({ longestMs: 1000 });
      await until(async () => {
        const fabric = await connect();
        const node = await (await fabric.bucket("nodes")).get("default.slow");
        await fabric.close();
        return node;
      });
      const { matrix, task } = specialistLike();
      const here = createInlineExecutor(await createWasmEngine());
      expect(await remote.train(matrix, [task])).toEqual(await here.train(matrix, [task]));
      expect(remote.moved()).toMatchObject({ nTasks: 1, nTrainedHere: 1 });
      await here.close();
    });

    test("a node that was given no task gets no rows and cannot bring a result", async () => {
      // Of this name no earlier test has left a job.
      await trainer("honest");
      const remote = await executor();
      const thief = await connect();
      ends.push(() => thief.close());
      const seen = new Promise<string>((resolve) => {
        void thief.listen("bailiwick.run.*.default.honest.task", ({ subject }) => {
          resolve(subject.split(".")[2]!);
        });
      });
      const { matrix, task } = specialistLike();
      const training = remote.train(matrix, [task]);
      if (thief.kind === "nats") {
        const run = await seen;
        for (const [what, headers] of [
          ["task", { task: "0", part: "0" }],
          ["rows", { matrix: "0" }],
          ["done", { task: "0" }],
        ] as const) {
          const subject = runSubject(run, "default.thief", what);
          const body = new Uint8Array(8);
          await expect(thief.request(subject, { headers, body }, 30_000)).rejects.toMatchObject({
            code: "MESSAGE_INVALID",
            message: expect.stringContaining("was given no task"),
          });
        }
      }
      const here = createInlineExecutor(await createWasmEngine());
      expect(await training).toEqual(await here.train(matrix, [task]));
      await here.close();
    });

    test("rows go to their zones only; without a trainer there, they stay here", async () => {
      await trainer("a", "us");
      const remote = await executor({ zones: ["eu"] });
      const { base } = await fitMixture(someSamples(100), OPTIONS, remote);
      expect(base.parameters.every(Number.isFinite)).toBe(true);
      expect(remote.moved()).toMatchObject({ nTasks: 0, rowBytes: 0 });
    });
  });
}
