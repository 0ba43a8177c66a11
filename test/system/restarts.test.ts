/**
 * Goal: a server that is stopped and started again under load loses no request.
 * Method: clients that keep their connections and ask without end, through restarts of the command
 * on one port. While nothing listens they are refused, and try again; any other failure counts.
 */
import { Agent, request } from "node:http";
import { expect, test } from "vitest";
import { freePort, MODEL, ROW, type Served, startServed, stop } from "./served.ts";

const CLIENTS = 16;
const RESTARTS = 20;
const BODY = JSON.stringify({ rows: [ROW] });

interface Counts {
  answers: number;
  refused: number;
  readonly failures: string[];
}

test(`${CLIENTS} clients that keep connections, through ${RESTARTS} restarts: no failure`, async () => {
  const port = await freePort();
  const counts: Counts = { answers: 0, refused: 0, failures: [] };
  const isOver = { value: false };
  const clients = Array.from({ length: CLIENTS }, () => askOn(port, counts, isOver));
  for (let restart = 0; restart <= RESTARTS; restart++) {
    const served = await serve(port);
    const before = counts.answers;
    await expect.poll(() => counts.answers, { timeout: 60_000 }).toBeGreaterThan(before + 200);
    const stopping = stop(served);
    await expect.poll(() => served.lines.join("").includes("SIGTERM")).toBe(true);
    expect(await stopping).toEqual({ exit: 0, signal: null });
  }
  isOver.value = true;
  await Promise.all(clients);
  expect(tally(counts.failures)).toEqual({});
  expect(counts.refused).toBeGreaterThan(0);
});

function serve(port: number): Promise<Served> {
  return startServed([MODEL, "--port", String(port), "--drain-seconds", "0.3"]);
}

async function askOn(port: number, counts: Counts, isOver: { value: boolean }): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!isOver.value) {
    const outcome = await ask(port, agent);
    if (outcome === "200") counts.answers += 1;
    else if (outcome !== "ECONNREFUSED") counts.failures.push(outcome);
    else {
      counts.refused += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  agent.destroy();
}

/** The status, or the code of what failed. */
function ask(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const headers = { "content-type": "application/json" };
    const options = {
      port,
      host: "127.0.0.1",
      path: "/v1/predict",
      method: "POST",
      headers,
      agent,
    };
    const sent = request(options, (response) => {
      response.resume();
      response.once("end", () => resolve(String(response.statusCode)));
      response.once("error", (error: NodeJS.ErrnoException) => resolve(`answer ${error.code}`));
    });
    sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end(BODY);
  });
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
