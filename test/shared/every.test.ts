/** Repeated work: never twice at once, asked for in between, ended whole. */
import { expect, test, vi } from "vitest";
import { every } from "../../src/shared/every.ts";

/** Work that ends when it is told to. */
function openWork() {
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
  };
  return { work, ends, most: () => most };
}

test("a turn that comes while the work still runs is left out", async () => {
  const { work, ends, most } = openWork();
  const { stop } = every(1, work);
  await vi.waitUntil(() => ends.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ends.length).toBe(1);
  ends[0]!();
  await vi.waitUntil(() => ends.length === 2);
  ends[1]!();
  await stop();
  expect(most()).toBe(1);
});

test("now runs the work at once, and once more if it is asked for in between", async () => {
  const { work, ends, most } = openWork();
  const { now, stop } = every(1e6, work);
  now();
  now();
  now();
  expect(ends.length).toBe(1);
  ends[0]!();
  await vi.waitUntil(() => ends.length === 2);
  ends[1]!();
  await stop();
  expect([ends.length, most()]).toEqual([2, 1]);
});

test("stop resolves when the present run has ended, and no other begins", async () => {
  const { work, ends } = openWork();
  const { now, stop } = every(1, work);
  now();
  now();
  let isStopped = false;
  const stopping = stop().then(() => {
    isStopped = true;
  });
  await Promise.resolve();
  expect(isStopped).toBe(false);
  ends[0]!();
  await stopping;
  expect(ends.length).toBe(1);
});

test("an error goes to the caller, and the next turn comes", async () => {
  const errors: unknown[] = [];
  let turns = 0;
  const { stop } = every(
    1,
    () => {
      turns += 1;
      throw new Error(`turn ${turns}`);
    },
    (error) => errors.push(error),
  );
  await vi.waitUntil(() => errors.length >= 2);
  await stop();
  expect(String(errors[1])).toBe("Error: turn 2");
});
