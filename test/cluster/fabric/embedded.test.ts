/** The embedded fabric: the conformance suite, and what a kill of the whole process leaves. */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Hub, openHub } from "../../../src/cluster/fabric/index.ts";
import { temporaryFolder } from "../../bundle/models.ts";
import { describeFabric } from "./conformance.ts";
import { startThreadPeer } from "./peers.ts";

let hub: Hub;
beforeAll(async () => {
  hub = await openHub();
});
afterAll(() => hub.close());

describeFabric("embedded", () => ({
  connect: async () => hub.connect(),
  startPeer: (role) => startThreadPeer(hub, role),
}));

/** Puts one value after the other and says which are acknowledged, until it is killed. */
const WRITER = `
const [module, folder] = process.argv.slice(1);
const { openHub } = await import(module);
const fabric = (await openHub({ folder })).connect();
const table = await fabric.bucket("homes");
await fabric.blobs.put("name", "eu", new TextEncoder().encode("blob"));
for (let i = 0; ; i++) {
  await table.put("k" + i, new TextEncoder().encode(String(i)));
  await fabric.jobs.add("q", String(i), new Uint8Array(1));
  process.stdout.write(i + "\\n");
}`;

test("what was acknowledged survives SIGKILL of the process, in a loop", async () => {
  const folder = temporaryFolder();
  const module = join(inject("compiled"), "dist/cluster/fabric/index.js");
  for (let kill = 0; kill < 5; kill++) {
    const args = ["--input-type=module", "-e", WRITER, module, folder];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk;
      if (said.split("\n").length > 5 + 3 * kill) child.kill("SIGKILL");
    });
    await new Promise((resolve) => child.once("close", resolve));
    const last = Number(said.split("\n").at(-2));
    const again = (await openHub({ folder })).connect();
    const table = await again.bucket("homes");
    for (let i = 0; i <= last; i++) {
      const entry = await table.get(`k${i}`);
      expect(new TextDecoder().decode(entry!.value)).toBe(String(i));
    }
    await again.close();
  }
});

test("a line that a kill has cut is left out; one that is broken is said", async () => {
  const folder = temporaryFolder();
  const hub = await openHub({ folder });
  await (await hub.connect().bucket("homes")).put("a", new Uint8Array([1]));
  await hub.close();
  appendFileSync(join(folder, "state.jsonl"), '{"kind":"put"');
  const again = (await openHub({ folder })).connect();
  expect((await (await again.bucket("homes")).get("a"))?.value).toEqual(new Uint8Array([1]));
  appendFileSync(join(folder, "state.jsonl"), "nonsense\n");
  await expect(openHub({ folder })).rejects.toMatchObject({ code: "STORE_CORRUPT" });
});
