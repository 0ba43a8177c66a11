/** Keys of nodes: signed by their zone, for their time, and nothing else is trusted. */
import { describe, expect, test } from "vitest";
import {
  checkNodeKey,
  createNodeKey,
  createOpener,
  createSealer,
  formatNodeSecret,
  parseNodeSecret,
} from "../../../src/cluster/seal/index.ts";
import {
  createSigner,
  formatNote,
  parseNote,
  signText,
} from "../../../src/cluster/witness/index.ts";
import { NODE, nodeSecret, zone } from "./seals.ts";

const NOW = "2026-06-01T12:00:00.000Z";
const INVALID = { code: "NOTE_INVALID" };
const zones = [zone.verifier];
const { note } = nodeSecret(zone, { now: NOW, days: 30 });
const { text } = parseNote(note);

function check(own: string, { node = NODE, now = NOW, keys = zones } = {}) {
  return () => checkNodeKey(own, node, { zones: keys, now });
}

test("a key that its zone signed is trusted until its time ends", () => {
  const { node, expires, bytes } = check(note)();
  expect([node, expires, bytes.length]).toEqual([NODE, "2026-07-01T12:00:00.000Z", 32]);
  expect(check(note, { now: "2026-07-01T11:59:59.999Z" })).not.toThrow();
  expect(check(note, { now: "2026-07-01T12:00:00.000Z" })).toThrow(/its time ended/);
});

describe("refused is a key", () => {
  const other = createSigner("log", "eu");
  const foreign = createSigner("log", "us");
  const signed = (own: string, signer = zone): string => formatNote(own, [signText(signer, own)]);

  test.each([
    ["without a signature", `${text}\n`],
    ["of a zone's namesake", signed(text, other)],
    ["that another zone signed", signed(text, foreign)],
    ["whose signature is of another text", note.replace("2026-07", "2027-07")],
    ["of another node", nodeSecret(zone, { node: "eu.b", now: NOW }).note],
    ["that is no key", signed("bailiwick node key\neu.a\nAAAA\n2026-07-01T12:00:00.000Z\n")],
    ["of another form", signed(text.replace("bailiwick node key", "a checkpoint"))],
    ["with a line more", signed(`${text}more\n`)],
    ["without a time", signed(text.replace(/2026.*Z/, "later"))],
    ["that is no note", "x"],
  ])("%s", (_, own) => {
    expect(check(own, { keys: [...zones, foreign.verifier] })).toThrow(
      expect.objectContaining(INVALID),
    );
  });

  test("of a zone whose key nobody gave", () => {
    expect(check(note, { keys: [] })).toThrow(/signed by a key of zone eu that is known/);
  });
});

test("a zone signs its own nodes alone", () => {
  for (const node of ["us.a", "eu", "eu.a.b", "eu.", ""]) {
    expect(() => createNodeKey(zone, { node, days: 1, now: NOW })).toThrow(
      /signs nodes of this zone/,
    );
  }
});

test("a node's file is read back, and another node's or none is refused", () => {
  const secret = nodeSecret();
  expect(parseNodeSecret(formatNodeSecret(secret), NODE)).toEqual(secret);
  for (const file of [
    "",
    "{}",
    '{"secret":"x","note":"y"}',
    JSON.stringify({ ...secret, more: 1 }),
  ]) {
    expect(() => parseNodeSecret(file, NODE)).toThrow(expect.objectContaining(INVALID));
  }
  expect(() => parseNodeSecret(formatNodeSecret(secret), "eu.b")).toThrow(/must be of eu.b/);
});

test("a router sends nothing under a key that it does not trust, and says so once", async () => {
  const told: unknown[] = [];
  const sealer = createSealer(zones, (error) => told.push(error));
  const offer = createOpener(nodeSecret(createSigner("log", "eu"))).offer();
  expect([sealer.canReach(NODE, offer), sealer.canReach(NODE, offer)]).toEqual([false, false]);
  expect(sealer.canReach(NODE, null)).toBe(false);
  const message = { headers: {}, body: new Uint8Array(4) };
  const send = async () => expect.fail("it must not be sent");
  const asking = sealer.request({ node: NODE, offer, message, unitBytes: 4 }, send);
  await expect(asking).rejects.toMatchObject(INVALID);
  expect(told).toHaveLength(1);
  // Another offer of the same node is looked at again.
  expect(sealer.canReach(NODE, createOpener(nodeSecret()).offer())).toBe(true);
});
