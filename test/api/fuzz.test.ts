/** Goal: nothing that is sent makes the server fail, and good requests do not notice. */
import { expect, onTestFinished, test } from "vitest";
import { listen } from "../../src/api/index.ts";
import { PEERS_FOLDER } from "../../src/benches/peer-process.ts";
import { askPeer } from "../../src/benches/serving/fuzz.ts";
import { startPeer } from "../../src/benches/serving/peers.ts";
import { sampleModel, serve } from "./model.ts";

test("2,000 requests at random, most of them broken: no failure, good ones unharmed", async () => {
  const { server } = serve(sampleModel(), { limits: { requestTimeoutMs: 2000 } });
  onTestFinished(() => server.http.close());
  const origin = await listen(server, { host: "127.0.0.1", port: 0 });
  const peer = startPeer("fuzz", PEERS_FOLDER);
  onTestFinished(() => peer.close());
  const report = await askPeer(peer, { origin, nRequests: 2000, seed: 1 });
  expect(report.unhandled).toEqual([]);
  expect(report.nUnhandled).toBe(0);
  expect(report.byStatus["200"]).toBeGreaterThan(10);
  expect(report.byStatus["400"]).toBeGreaterThan(100);
  expect(report.good.sent).toBeGreaterThan(10);
  expect(report.good.failed).toBe(0);
});
