/** The placer's lease: its term is above every term that homes and nodes know of, whatever is lost. */
import { expect, onTestFinished, test } from "vitest";
import { type Fabric, openHub, writeMessage } from "../../../src/cluster/fabric/index.ts";
import { holdLease, type Lease } from "../../../src/cluster/orchestration/lease.ts";
import { until } from "../fabric/conformance.ts";

async function connect(): Promise<Fabric> {
  const hub = await openHub();
  onTestFinished(() => hub.close());
  return hub.connect();
}

async function hold(fabric: Fabric, seenTerm: () => number): Promise<Lease & { seen: unknown[] }> {
  const seen: unknown[] = [];
  const onChange = (term: number | null): void => void seen.push(term);
  const lease = await holdLease(fabric, { holder: "test", seenTerm, onChange });
  onTestFinished(() => lease.close());
  return { ...lease, seen };
}

const storedTerm = async (fabric: Fabric): Promise<unknown> => {
  const entry = await (await fabric.bucket("terms")).get("placer");
  return entry === null ? null : JSON.parse(new TextDecoder().decode(entry.value));
};

test("the first term is 1, each holder's after it is higher, and is stored", async () => {
  const fabric = await connect();
  const first = await hold(fabric, () => 0);
  expect(first.term()).toBe(1);
  await first.close();
  const second = await hold(fabric, () => 0);
  expect(second.term()).toBe(2);
  expect(await storedTerm(fabric)).toEqual({ term: 2 });
});

test("a term is above what homes and nodes have seen, with a store that is empty", async () => {
  const fabric = await connect();
  expect((await hold(fabric, () => 41)).term()).toBe(42);
});

test("while it is held, the term rises above one that a node has seen", async () => {
  const fabric = await connect();
  let seenTerm = 0;
  const lease = await hold(fabric, () => seenTerm);
  seenTerm = 9;
  await until(() => lease.term() === 10);
  expect(lease.seen).toEqual([1, 10]);
  expect(await storedTerm(fabric)).toEqual({ term: 10 });
});

test("a stored term that is none is refused and counted, and does not lower the term", async () => {
  const fabric = await connect();
  await (await fabric.bucket("terms")).put("placer", writeMessage({ term: "many" }));
  expect((await hold(fabric, () => 6)).term()).toBe(7);
  expect([...fabric.refusals.counts().keys()]).toEqual(["a placer's term"]);
});

test("while another holds the lease there is no term, and it is taken when that one ends", async () => {
  const fabric = await connect();
  const first = await hold(fabric, () => 0);
  const second = await hold(fabric, () => 0);
  expect([first.term(), second.term()]).toEqual([1, null]);
  await first.close();
  expect(await until(() => second.term())).toBeGreaterThan(1);
});

test("a holder's term is above its predecessor's, with a store lost before anybody obeyed it", async () => {
  const fabric = await connect();
  const first = await hold(fabric, () => 7);
  const second = await hold(fabric, () => 0);
  expect([first.term(), second.term()]).toEqual([8, null]);
  await (await fabric.bucket("terms")).delete("placer");
  await first.close();
  expect(await until(() => second.term())).toBe(9);
});
