/**
 * Goal: a watch goes on after its bucket was lost, whatever the watch before still delivers.
 * Method: the client's key-value store is played; the real one is killed in system/fabric-wipe.
 */
import type { KV } from "@nats-io/kv";
import { expect, test } from "vitest";
import { createWatch } from "../../../src/cluster/fabric/nats-watch.ts";

const entry = (value: string, revision: number) => ({
  key: "homes",
  value: new TextEncoder().encode(value),
  revision,
  operation: "PUT",
});

test("an entry of the lost bucket that comes late does not hide those of the new one", async () => {
  const begun: ReadableStreamDefaultController[] = [];
  let opening = Promise.resolve();
  const kv = {
    watch: async () => {
      await opening;
      const entries = new ReadableStream({ start: (controller) => void begun.push(controller) });
      return Object.assign(entries, { stop: () => undefined });
    },
  } as unknown as KV;
  const seen: string[] = [];
  const watch = createWatch(kv, ({ value }) => seen.push(new TextDecoder().decode(value!)));
  await watch.start();
  begun[0]!.enqueue(entry("old", 7));
  await settle();
  let open = (): void => undefined;
  opening = new Promise((resolve) => {
    open = resolve;
  });
  begun[0]!.enqueue(entry("late", 8));
  const again = watch.startAfterLoss();
  await settle();
  open();
  await again;
  begun[1]!.enqueue(entry("new", 1));
  await settle();
  expect(seen).toEqual(["old", "new"]);
  await watch.stop();
});

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
