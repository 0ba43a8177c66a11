/** Servers that are not what they must be. */
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connectNats } from "../../../src/cluster/fabric/index.ts";

let open: Server | null = null;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (open === null ? resolve(null) : open.close(resolve)));
  open = null;
});

/** Greets as a NATS server of some version does, and answers pings. */
function greet(info: object): Promise<string> {
  return new Promise((resolve) => {
    open = createServer((socket) => {
      sockets.add(socket);
      socket.write(
        `INFO ${JSON.stringify({ server_id: "x", max_payload: 1e6, proto: 1, headers: true, ...info })}\r\n`,
      );
      socket.on("data", (data) => {
        if (data.includes("PING")) socket.write("PONG\r\n");
      });
      socket.on("error", () => undefined);
    });
    open.listen(0, "127.0.0.1", () => {
      resolve(`nats://127.0.0.1:${(open!.address() as { port: number }).port}`);
    });
  });
}

test.each(["2.9.10", "2.10.26", "1.4.1"])("a server of version %s is refused", async (version) => {
  const url = await greet({ version, jetstream: true });
  await expect(connectNats({ url, name: "t" })).rejects.toMatchObject({
    code: "FABRIC_VERSION",
    message: expect.stringContaining(`must be version 2.10.27 or later, got ${version}`),
  });
});

test("a server without JetStream is refused", async () => {
  const url = await greet({ version: "2.12.2" });
  await expect(connectNats({ url, name: "t" })).rejects.toMatchObject({
    code: "FABRIC_VERSION",
    message: expect.stringContaining("JetStream"),
  });
});

test("where nothing listens, it is said what was wanted", async () => {
  await expect(connectNats({ url: "nats://127.0.0.1:1", name: "t" })).rejects.toMatchObject({
    code: "FABRIC_UNAVAILABLE",
    message: expect.stringContaining("nats://127.0.0.1:1"),
  });
});

test("servers of one fabric have one scheme and one user, and passwords are not shown", async () => {
  for (const url of ["nats://a:1,tls://b:2", "nats://u:secret@a:1,nats://v:secret@b:2"]) {
    await expect(connectNats({ url, name: "t" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/^servers of one fabric must (?!.*secret)/),
    });
  }
});

test.each(["nats://127.0.0.1:1,", "http://x", "127.0.0.1:4222", ""])(
  "%j is no fabric",
  async (url) => {
    await expect(connectNats({ url, name: "t" })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  },
);
