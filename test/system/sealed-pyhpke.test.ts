/**
 * Goal: sealed messages are HPKE as a peer has it that nobody here wrote.
 * Method: PyPI's pyhpke is the router for our node, then the node for our router, 20 messages of a
 * session each, with their answers.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Message } from "../../src/cluster/fabric/index.ts";
import { createOpener, createSealer } from "../../src/cluster/seal/index.ts";
import { messageOf, NODE, nodeSecret, textOf, zone } from "../cluster/seal/seals.ts";
import { pythonWith } from "./python.ts";

const SCRIPT = fileURLToPath(new URL("./sealed_pyhpke.py", import.meta.url));
const TEXTS = Array.from({ length: 20 }, (_, i) => "row ".repeat(i));
const HEADERS = { expert: "m0.e0", columns: "8" };

let child: ChildProcess;
let lines: AsyncIterator<string>;

beforeAll(() => {
  const python = pythonWith("pyhpke-0.6.5", ["pyhpke==0.6.5"]);
  child = spawn(python, [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
  lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
}, 900_000);

afterAll(() => {
  child?.kill();
});

/** A message whose body is in base64; or the text of one. */
interface Line {
  readonly headers: Message["headers"];
  readonly body: string;
  readonly text?: string;
}

async function python(line: object): Promise<Line> {
  child.stdin!.write(`${JSON.stringify(line)}\n`);
  const { value } = await lines.next();
  return JSON.parse(value);
}

function sent({ headers, body }: Message): Line {
  return { headers, body: Buffer.from(body).toString("base64") };
}

function received({ headers, body }: Line): Message {
  return { headers, body: Buffer.from(body, "base64") };
}

test("our node opens what pyhpke seals, and pyhpke its answers", async () => {
  const opener = createOpener(nodeSecret());
  const offer = opener.offer();
  for (const [number, text] of TEXTS.entries()) {
    const sealed = received(await python({ do: "ask", offer, text, headers: HEADERS }));
    const { message, sealAnswer } = await opener.open(sealed);
    expect([textOf(message), message.headers]).toEqual([text, sealed.headers]);
    const answer = await sealAnswer(messageOf(text.toUpperCase()), 64);
    const { epoch } = offer;
    const opened = await python({ do: "opened", epoch, number, ...sent(answer) });
    expect(opened.text).toBe(text.toUpperCase());
  }
});

test("pyhpke opens what our router seals, and our router its answers", async () => {
  const secret = nodeSecret();
  const offer = createOpener(secret).offer();
  const sealer = createSealer([zone.verifier], (error) => expect.fail(String(error)));
  for (const text of TEXTS) {
    const message = messageOf(text, HEADERS);
    const answer = await sealer.request(
      { node: NODE, offer, message, unitBytes: 64 },
      async (own) =>
        received(await python({ do: "answer", offer, secret: secret.secret, ...sent(own) })),
    );
    expect(textOf(answer)).toBe(text.toUpperCase());
  }
});
