/** Goal: nothing that is sent makes the server fail, and good requests do not notice. */
import { expect, onTestFinished, test } from "vitest";
import { listen } from "../../src/api/index.ts";
import { fuzz } from "./fuzz.ts";
import { sampleModel, serve } from "./model.ts";

test("2,000 requests at random, most of them broken: no failure, good ones unharmed", async () => {
  const { server } = serve(sampleModel(), { limits: { requestTimeoutMs: 2000 } });
  onTestFinished(() => server.http.close());
  const { port } = new URL(await listen(server, { host: "127.0.0.1", port: 0 }));
  const path = "/v2/models/m/infer";
  const body = JSON.stringify({
    inputs: [
      { name: "x", shape: [2], datatype: "FP64", data: [1, 2] },
      { name: "kind", shape: [2], datatype: "BYTES", data: ["a", "b"] },
    ],
  });
  const answer = (
    await server.http.inject({ method: "POST", url: path, payload: JSON.parse(body) })
  ).body;
  const target = { port: Number(port), path, good: { body, answer } };
  const report = await fuzz(target, { nRequests: 2000, seed: 1 });
  expect(report.unhandled.slice(0, 3)).toEqual([]);
  expect(report.byStatus.get(200)).toBeGreaterThan(10);
  expect(report.byStatus.get(400)).toBeGreaterThan(100);
  expect(report.good.sent).toBeGreaterThan(10);
  expect(report.good.failed).toBe(0);
});
