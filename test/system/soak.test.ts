/** Goal: under full load and reloads nothing fails, nothing is mixed, and memory stays flat. */
import { expect, onTestFinished, test } from "vitest";
import { PEERS_FOLDER } from "../../src/benches/peer-process.ts";
import { memoryGrowth, soak } from "../../src/benches/serving/soak.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import { commandLine } from "./command-line.ts";

const SECONDS = 40;
/** The heap is collected whenever it has grown by this share: without, it once doubles first. */
const HEAP_GROWTH = "--heap-growing-percent=10";
/** The garbage collector may run late once, on a busy machine; a leak shows every time. */
const RETRIES = 1;

test(`${SECONDS} s at full load, twelve versions one after the other`, {
  retry: RETRIES,
}, async () => {
  const reloadEveryS = SECONDS / 12;
  const [node, ...program] = commandLine();
  const serve = [node, HEAP_GROWTH, ...program] as const;
  const options = { serve, peersFolder: PEERS_FOLDER, reloadEveryS };
  // The engine that the command uses: an answer is right to the last bit.
  const engine = await createWasmEngine();
  onTestFinished(() => engine.close());
  const report = await soak(engine, { ...options, seconds: SECONDS });
  expect(report.answers).toBeGreaterThan(1000);
  expect(report.failed).toBe(0);
  expect(report.mixed).toBe(0);
  expect(report.versions.length).toBeGreaterThan(8);
  expect(memoryGrowth(report)).toBeLessThan(1.1);
});
