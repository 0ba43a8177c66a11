import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { both, inLanes } from "../../src/shared/lanes.ts";

test("results are in the order of the items, and no more than nLanes are under way", async () => {
  let underWay = 0;
  let most = 0;
  const results = await inLanes([30, 10, 20, 0], 2, async (ms, place) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await wait(ms);
    underWay -= 1;
    return `${place}: ${ms}`;
  });
  expect(results).toEqual(["0: 30", "1: 10", "2: 20", "3: 0"]);
  expect(most).toBe(2);
  expect(await inLanes([], 2, async () => 1)).toEqual([]);
});

test("after an error nothing begins, and what has begun ends first", async () => {
  const ended: number[] = [];
  const work = inLanes([0, 1, 2, 3], 2, async (item) => {
    if (item === 0) throw new Error("the first failed");
    await wait(20);
    ended.push(item);
  });
  await expect(work).rejects.toThrow("the first failed");
  expect(ended).toEqual([1]);
});

test("two kinds of work side by side: both results, or an error once both have ended", async () => {
  const said: string[] = [];
  const slow = async (): Promise<string> => {
    await wait(10);
    said.push("slow");
    return "slow";
  };
  expect(await both(slow, async () => 2)).toEqual(["slow", 2]);
  const failing = both(slow, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(said).toEqual(["slow", "slow"]);
});
