// A peer of the conformance suite, in a process of its own (its arguments) or a thread (its data):
// says "ready" and does what its role is until it is killed.
import { isMainThread, parentPort, workerData } from "node:worker_threads";

const [fabricModule, role, url] = isMainThread
  ? process.argv.slice(2)
  : [workerData.fabricModule, workerData.role];
const { connectNats, connectThread } = await import(fabricModule);
const fabric = isMainThread
  ? await connectNats({ url, name: "peer" })
  : connectThread(workerData.port);

/** Says that it was asked, and never answers. */
const forever = () => {
  fabric.publish("peer.begun", { headers: {}, body: new Uint8Array(0) });
  return new Promise(() => undefined);
};
const ROLES = {
  echo: async () => {
    await fabric.answer("peer.echo", async ({ headers, body }) => ({ headers, body }));
    await fabric.answer("peer.hang", forever);
  },
  worker: async () => {
    await fabric.jobs.work("killed", forever);
  },
  placer: async () => {
    const leases = await fabric.bucket("leases");
    const value = new TextEncoder().encode("peer");
    let revision = await leases.put("placer", value, 0);
    setInterval(async () => {
      revision = await leases.put("placer", value, revision);
    }, 1000);
  },
};
await ROLES[role]();
if (isMainThread) process.stdout.write("ready\n");
else parentPort.postMessage("ready");
