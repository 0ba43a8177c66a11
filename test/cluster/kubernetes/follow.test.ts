/** Watches that fall silent, are too old or end at once, at a server of this test's making. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createKubeApi } from "../../../src/cluster/kubernetes/api.ts";
import { follow, SILENT_MS } from "../../../src/cluster/kubernetes/follow.ts";
import { until } from "../fabric/conformance.ts";

type Answer = (response: ServerResponse, nLists: number) => void;

const objectOf = (name: string) => ({ metadata: { name } });

async function followAt(watch: Answer, silentMs = SILENT_MS) {
  const lists: string[][] = [];
  const server = createServer((request, response) => {
    if (request.url!.includes("watch=1")) return watch(response, lists.length);
    lists.push([`n${lists.length}`]);
    const items = lists.at(-1)!.map(objectOf);
    response.end(JSON.stringify({ metadata: { resourceVersion: "1" }, items }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const api = createKubeApi(new URL(`http://127.0.0.1:${port}`), async () => {});
  const followed = follow(api, {
    ...{ path: "models", read: (value: unknown) => value, onChange: () => {}, log: () => {} },
    ...{ signal: stop.signal, random: () => 0.5, silentMs },
  });
  return { followed, lists };
}

test("events of a watch are taken over", async () => {
  const { followed, lists } = await followAt((response) => {
    response.write(`${JSON.stringify({ type: "ADDED", object: objectOf("b") })}\n`);
    response.write(`${JSON.stringify({ type: "DELETED", object: objectOf("n0") })}\n`);
  });
  await until(() => (followed.objects()?.has("n0") === false ? true : undefined), 5000);
  expect([...followed.objects()!.keys()]).toEqual(["b"]);
  expect(lists).toHaveLength(1);
});

test("after 410 Gone, as an event or as a status, everything is listed again", async () => {
  const gone = { type: "ERROR", object: { kind: "Status", code: 410 } };
  const { followed } = await followAt((response, nLists) => {
    if (nLists === 1) response.write(`${JSON.stringify(gone)}\n`);
    else if (nLists === 2) response.writeHead(410).end("{}");
    else response.flushHeaders();
  });
  await until(() => (followed.objects()?.has("n2") ? true : undefined), 10_000);
});

test("watches that end at once, or with rubbish, are begun less and less often", async () => {
  const { lists } = await followAt((response, nLists) => {
    response.end(nLists % 2 === 0 ? "" : "rubbish\n");
  });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(lists.length).toBeGreaterThan(1);
  expect(lists.length).toBeLessThan(8);
});

test("a watch that falls silent is left for a list, within half a minute", async () => {
  expect(SILENT_MS).toBeLessThan(30_000);
  const { followed } = await followAt((response) => response.flushHeaders(), 300);
  await until(() => (followed.objects()?.has("n1") ? true : undefined), 10_000);
});
