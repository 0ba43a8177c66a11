/** Training over any fabric: the bits of training here, whatever happens on the way. */
import { afterEach, describe, expect, test } from "vitest";
import type { Fabric } from "../../../src/cluster/fabric/index.ts";
import { startNode } from "../../../src/cluster/nodes/index.ts";
import {
  createFabricExecutor,
  type FabricExecutor,
  startTrainer,
} from "../../../src/cluster/training/index.ts";
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
    const executor = async (zones?: readonly string[]): Promise<FabricExecutor> => {
      const fabric = await connect();
      const engine = await createWasmEngine();
      const own = await createFabricExecutor(fabric, {
        engine,
        ...(zones === undefined ? {} : { zones }),
      });
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
      const timer = setInterval(() => {
        if (remote.moved().nTasks < 8) return;
        clearInterval(timer);
        void kill();
      }, 1);
      const { mixture, base, cost } = await fitting;
      expect({ mixture, base, cost }).toEqual(await alone());
    });

    test("rows go to their zones only; without a trainer there, they stay here", async () => {
      await trainer("a", "us");
      const remote = await executor(["eu"]);
      const { base } = await fitMixture(someSamples(100), OPTIONS, remote);
      expect(base.parameters.every(Number.isFinite)).toBe(true);
      expect(remote.moved()).toMatchObject({ nTasks: 0, rowBytes: 0 });
    });
  });
}
