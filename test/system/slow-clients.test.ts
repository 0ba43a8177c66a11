/**
 * Goal: clients that never finish a request keep no other client out.
 * Method: 2,000 connections with a half header or a half body, opened again whenever the server
 * closes one, while others ask over kept and over new connections. The slow clients are a process.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MODEL, ROW, type Served, startServed, stop } from "./served.ts";

const SLOW = 2000;
const ASKED = 500;

const SLOW_CLIENTS = `
import { connect } from "node:net";
const port = Number(process.argv[1]);
const head = "POST /v1/predict HTTP/1.1\\r\\nhost: localhost\\r\\ncontent-type: application/json\\r\\n";
let opened = 0;
const open = (i) => {
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => {
    socket.write(i % 2 === 0 ? "POST /v1/pre" : head + "content-length: 90000\\r\\n\\r\\n{");
    opened += 1;
    if (opened === ${SLOW}) console.log("open");
  });
  socket.on("error", () => {});
  socket.resume();
  socket.on("close", () => setTimeout(open, 1000, i));
};
for (let i = 0; i < ${SLOW}; i++) open(i);
`;

let served: Served;
beforeAll(async () => {
  served = await startServed([MODEL, "--port", "0"]);
});
afterAll(() => stop(served));

test(`beside ${SLOW} slow clients, ${ASKED} requests over kept and new connections succeed`, async () => {
  const { port } = new URL(served.address);
  const slow = spawn(process.execPath, ["--input-type=module", "-e", SLOW_CLIENTS, port], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(slow.stdout, "data");
  const statuses = new Map<number, number>();
  for (let asked = 0; asked < ASKED; asked++) {
    const kept = asked % 2 === 0 ? {} : { connection: "close" };
    const response = await fetch(`${served.address}/v1/predict`, {
      method: "POST",
      headers: { "content-type": "application/json", ...kept },
      body: JSON.stringify({ rows: [ROW] }),
    });
    await response.arrayBuffer();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  }
  slow.kill("SIGKILL");
  await once(slow, "exit");
  expect([...statuses]).toEqual([[200, ASKED]]);
});
