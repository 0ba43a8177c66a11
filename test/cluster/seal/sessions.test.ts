/**
 * Goal: what a broker does with sealed messages shows, and it reads none of them.
 * Method: a router's side and a node's, and between them someone who repeats, swaps, cuts and
 * changes messages and answers, or brings those of another session, hour or node.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "../../../src/cluster/fabric/index.ts";
import { createOpener, createSealer, type Opener } from "../../../src/cluster/seal/index.ts";
import { pad, unpad } from "../../../src/cluster/seal/sealed-message.ts";
import { messageOf, NODE, nodeSecret, textOf, zone } from "./seals.ts";

const UNIT = 64;
const INVALID = { code: "SEAL_INVALID" };

/** Answers with the text that it was asked, in capitals. */
async function answer(opener: Opener, sealed: Message): Promise<Message> {
  const { message, sealAnswer } = await opener.open(sealed);
  return sealAnswer(messageOf(textOf(message).toUpperCase(), { expert: "m0.e0" }), UNIT);
}

/** A router that asks a node through `broker`; `sent` is what has left the router. */
function open({
  opener = createOpener(nodeSecret()),
  broker = (sealed: Message): Promise<Message> => answer(opener, sealed),
} = {}) {
  const sealer = createSealer([zone.verifier], () => undefined);
  const sent: Message[] = [];
  const ask = (text: string): Promise<string> =>
    sealer
      .request(
        { node: NODE, offer: opener.offer(), message: messageOf(text), unitBytes: UNIT },
        (sealed) => {
          sent.push(sealed);
          return broker(sealed);
        },
      )
      .then(textOf);
  return { opener, sent, ask };
}

test("messages at once are sealed in one session, in their order, and each has its answer", async () => {
  const { ask, sent } = open();
  const texts = Array.from({ length: 50 }, (_, i) => `row ${i}`);
  expect(await Promise.all(texts.map(ask))).toEqual(texts.map((text) => text.toUpperCase()));
  const [names, numbers] = [
    new Set(sent.map(({ headers }) => headers["seal-enc"])),
    sent.map(({ headers }) => Number(headers["seal-number"])),
  ];
  expect([names.size, numbers]).toEqual([1, texts.map((_, i) => i)]);
  for (const { body } of sent) expect(Buffer.from(body).includes("row")).toBe(false);
});

test("equal rows are never equal messages, and lengths say only a multiple", async () => {
  const { ask, sent } = open();
  for (const text of ["same", "same", "", "x".repeat(UNIT), "x".repeat(UNIT + 1)]) await ask(text);
  const bodies = sent.map(({ body }) => Buffer.from(body).toString("hex"));
  expect(new Set(bodies).size).toBe(5);
  expect(sent.map(({ body }) => body.length - 4 - 16)).toEqual([64, 64, 64, 64, 128]);
});

describe("a node refuses", () => {
  test("a message that comes again, at once, later, or as the first of a new start", async () => {
    const secret = nodeSecret();
    const { ask, sent, opener } = open({ opener: createOpener(secret) });
    await ask("one");
    await expect(answer(opener, sent[0]!)).rejects.toMatchObject(INVALID);
    await ask("two");
    for (const again of sent) await expect(answer(opener, again)).rejects.toMatchObject(INVALID);
    // What came again spoilt nothing, and the node's next start knows another epoch.
    expect(await ask("three")).toBe("THREE");
    await expect(answer(createOpener(secret), sent[0]!)).rejects.toMatchObject(INVALID);
  });

  test("messages out of their order, and the rest of their session", async () => {
    const kept: Message[] = [];
    const { ask, opener } = open({
      broker: async (sealed) => {
        kept.push(sealed);
        return { headers: {}, body: new Uint8Array(0) };
      },
    });
    await Promise.all(["a", "b", "c"].map((text) => ask(text).catch(() => undefined)));
    const [first, second, third] = kept;
    expect(textOf((await opener.open(first!)).message)).toBe("a");
    await expect(opener.open(third!)).rejects.toMatchObject(INVALID);
    await expect(opener.open(second!)).rejects.toMatchObject(INVALID);
  });

  test("a message of another session under this one's name and number", async () => {
    const opener = createOpener(nodeSecret());
    const [one, two] = [open({ opener }), open({ opener })];
    await one.ask("one");
    await two.ask("two");
    await one.ask("more");
    const { headers } = one.sent[1]!;
    const crossed = { headers: { ...headers, "seal-number": "2" }, body: two.sent[0]!.body };
    await expect(opener.open(crossed)).rejects.toMatchObject(INVALID);
  });

  test("a message for another node, and one whose headers or bytes were changed", async () => {
    const kept: Message[] = [];
    const broker = async (sealed: Message): Promise<Message> => {
      kept.push(sealed);
      throw new Error("kept");
    };
    const changes: readonly ((own: Message) => Message)[] = [
      ({ headers, body }) => ({ headers: { ...headers, expert: "m0.e1" }, body }),
      ({ headers, body }) => ({ headers: { ...headers, more: "1" }, body }),
      ({ headers, body }) => ({
        headers,
        body: body.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
      }),
      ({ headers, body }) => ({ headers, body: body.subarray(1) }),
      ({ headers }) => ({ headers, body: new Uint8Array(0) }),
    ];
    for (const change of changes) {
      const { ask, opener } = open({ broker });
      await ask("x").catch(() => undefined);
      await expect(opener.open(change(kept.at(-1)!))).rejects.toMatchObject(INVALID);
    }
    const { ask } = open({ broker });
    await ask("x").catch(() => undefined);
    const other = createOpener(nodeSecret(zone, { node: "eu.b" }));
    await expect(other.open(kept.at(-1)!)).rejects.toMatchObject(INVALID);
  });

  test("sessions of an epoch before the last one, and begins no session in the middle", async () => {
    const opener = createOpener(nodeSecret(), 0);
    const { ask, sent } = open({ opener });
    await expect(ask("x")).resolves.toBe("X");
    opener.offer();
    opener.offer();
    await expect(answer(opener, sent[0]!)).rejects.toMatchObject(INVALID);
    const steady = open();
    await steady.ask("one");
    const headers = { ...steady.sent[0]!.headers, "seal-enc": `${"A".repeat(43)}=` };
    const middle = { headers: { ...headers, "seal-number": "1" }, body: steady.sent[0]!.body };
    await expect(steady.opener.open(middle)).rejects.toMatchObject(INVALID);
  });

  test("headers that are none of a sealed message", async () => {
    const { ask, sent, opener } = open();
    await ask("x");
    const { headers, body } = sent[0]!;
    for (const wrong of [
      { "seal-epoch": "now" },
      { "seal-enc": "x" },
      { "seal-number": "-1" },
      { "seal-number": "" },
    ]) {
      const message = { headers: { ...headers, ...wrong }, body };
      await expect(opener.open(message)).rejects.toMatchObject({ code: "MESSAGE_INVALID" });
    }
  });
});

describe("a router", () => {
  test("takes no answer but the node's to this message", async () => {
    const answers: Message[] = [];
    const opener = createOpener(nodeSecret());
    let spoil = (own: Message): Message => own;
    const { ask } = open({
      opener,
      broker: async (sealed) => {
        answers.push(await answer(opener, sealed));
        return spoil(answers.at(-1)!);
      },
    });
    expect(await ask("first")).toBe("FIRST");
    const first = answers[0]!;
    const spoilt: readonly ((own: Message) => Message)[] = [
      () => first,
      ({ headers }) => ({ headers, body: new Uint8Array(0) }),
      ({ headers, body }) => ({ headers, body: body.map((byte) => byte ^ 1) }),
      ({ body }) => ({ headers: { expert: "m0.e1" }, body }),
      () => messageOf("in clear"),
    ];
    for (const own of spoilt) {
      spoil = own;
      await expect(ask("next")).rejects.toMatchObject(INVALID);
    }
    spoil = (own) => own;
    expect(await ask("last")).toBe("LAST");
  });

  test("begins a new session when the node has forgotten or lost count, and seals again", async () => {
    let opener = createOpener(nodeSecret());
    const secret = nodeSecret();
    opener = createOpener(secret);
    let isLost = false;
    const { ask, sent } = open({
      opener,
      broker: async (sealed) => {
        if (!isLost) return answer(opener, sealed);
        isLost = false;
        throw new Error("lost on the way");
      },
    });
    expect(await ask("one")).toBe("ONE");
    isLost = true;
    await expect(ask("two")).rejects.toThrow("lost on the way");
    // The node has not seen number 1 and refuses number 2; what is sent again is another message.
    expect(await Promise.all(["three", "four"].map(ask))).toEqual(["THREE", "FOUR"]);
    const names = sent.map(({ headers }) => headers["seal-enc"]);
    expect(new Set(names).size).toBe(2);
    const bodies = sent.map(({ body }) => Buffer.from(body).toString("hex"));
    expect(new Set(bodies).size).toBe(sent.length);
  });
});

test("what is padded is what comes back, and nothing else is taken for padded", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 70 }),
      (body, unit) => {
        const padded = pad(body, unit);
        expect([...unpad(padded)]).toEqual([...body]);
        expect((padded.length - 4) % unit).toBe(0);
      },
    ),
  );
  for (const bytes of [[], [0, 0, 0], [0, 0, 0, 1], [255, 255, 255, 255, 0]]) {
    expect(() => unpad(Uint8Array.from(bytes))).toThrow(/must fit its schema/);
  }
});
