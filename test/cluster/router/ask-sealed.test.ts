/**
 * Goal: asks of one turn go to a node as one sealed message, and each has the answer or the error
 * that is its own.
 * Method: a node's opener answers each ask by its name; what passes is counted.
 */
import { expect, test } from "vitest";
import {
  errorMessage,
  type Message,
  readBatch,
  writeBatch,
} from "../../../src/cluster/fabric/index.ts";
import { createSealedAsker, type SendTo } from "../../../src/cluster/router/ask-sealed.ts";
import { createOpener, createSealer } from "../../../src/cluster/seal/index.ts";
import { BailiwickError } from "../../../src/shared/errors.ts";
import { messageOf, NODE, nodeSecret, textOf, zone } from "../seal/seals.ts";

type Answer = (asks: readonly Message[]) => readonly Message[];

const LOUD: Answer = (asks) => asks.map((ask) => messageOf(textOf(ask).toUpperCase()));

function asker(answer: Answer) {
  const opener = createOpener(nodeSecret());
  const sealer = createSealer([zone.verifier], () => expect.fail("the key is good"));
  const sent: { readonly node: string; readonly message: Message; readonly timeoutMs: number }[] =
    [];
  const send: SendTo = async (node, message, timeoutMs) => {
    sent.push({ node, message, timeoutMs });
    const opened = await opener.open(message);
    const answers = answer(readBatch(opened.message.body));
    return opened.sealAnswer({ headers: {}, body: writeBatch(answers) }, 64);
  };
  const ask = createSealedAsker(sealer, send);
  const offer = opener.offer();
  return {
    sent,
    ask: (text: string, timeoutMs = 100) =>
      ask({ node: NODE, offer, message: messageOf(text), nColumns: 8, timeoutMs }).then(textOf),
  };
}

test("asks of one turn are one message, later ones another", async () => {
  const { ask, sent } = asker(LOUD);
  expect(await Promise.all(["a", "b", "c"].map((text) => ask(text)))).toEqual(["A", "B", "C"]);
  expect(sent).toHaveLength(1);
  expect(await ask("d")).toBe("D");
  expect(sent).toHaveLength(2);
});

test("what passes has no headers of an ask, a length of 16 rows, and the longest time", async () => {
  const { ask, sent } = asker(LOUD);
  await Promise.all([ask("one", 50), ask("another", 70), ask("x", 60)]);
  const [{ message, timeoutMs }] = sent as [(typeof sent)[0]];
  expect(timeoutMs).toBe(70);
  const names = Object.keys(message.headers).sort();
  expect(names).toEqual(["protocol", "seal-enc", "seal-epoch", "seal-number"]);
  // A length, rows of 8 columns by 16, and the tag of AES-GCM.
  expect((message.body.length - 4 - 16) % (4 * 8 * 16)).toBe(0);
});

test("an ask that the node refuses fails alone", async () => {
  const { ask } = asker((asks) =>
    asks.map((own) =>
      textOf(own) === "b" ? errorMessage(new BailiwickError("SHAPE_MISMATCH", "too wide")) : own,
    ),
  );
  const [a, b, c] = await Promise.allSettled(["a", "b", "c"].map((text) => ask(text)));
  expect([a, c]).toMatchObject([{ value: "a" }, { value: "c" }]);
  expect(b).toMatchObject({ reason: { code: "SHAPE_MISMATCH", message: "too wide" } });
});

test("an ask without an answer fails, and one that is not sent fails for all", async () => {
  const { ask } = asker((asks) => asks.slice(1));
  const [a, b] = await Promise.allSettled(["a", "b"].map((text) => ask(text)));
  expect(a).toMatchObject({ value: "b" });
  expect(b).toMatchObject({ reason: { code: "MESSAGE_INVALID" } });
  const { ask: silent } = asker(() => {
    throw new BailiwickError("NODE_UNAVAILABLE", "no answer came");
  });
  const refused = { status: "rejected", reason: { code: "NODE_UNAVAILABLE" } };
  expect(await Promise.allSettled([silent("a"), silent("b")])).toMatchObject([refused, refused]);
});

test("long asks go in messages of their own, each below what a server takes", async () => {
  const { ask, sent } = asker(LOUD);
  const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(40_000));
  expect(await Promise.all(texts.map((text) => ask(text)))).toEqual(texts);
  expect(sent.length).toBeGreaterThan(3);
  for (const { message } of sent) expect(message.body.length).toBeLessThan(100_000);
});
