/**
 * Signed notes, keys and policies: those that others wrote are read, and what is not exactly one of
 * them is refused.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createSigner,
  formatCheckpoint,
  formatNote,
  formatSigner,
  formatVerifier,
  openCosigned,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseSigner,
  parseVerifier,
  signText,
} from "../../../src/cluster/witness/index.ts";
import { signaturesOf, signTimed } from "../../../src/cluster/witness/signed-note.ts";

/** From the documentation of Go's sumdb/note. */
const GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_TEXT = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`;
const GO_LINE =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
const GO_NOTE = formatNote(GO_TEXT, [GO_LINE]);

const log = createSigner("log", "plant-a.example/audit");
const [w1, w2, w3] = ["w1.example", "w2.example", "w3.example"].map((name) =>
  createSigner("witness", name),
);
const TEXT = formatCheckpoint({ origin: log.verifier.name, size: 17, root: Buffer.alloc(32, 7) });
const policyText = `# of plant A
log ${formatVerifier(log.verifier)}
witness w1 ${formatVerifier(w1!.verifier)} http://127.0.0.1:7380
witness w2 ${formatVerifier(w2!.verifier)}
witness w3 ${formatVerifier(w3!.verifier)}
group all-of-them 2 w1 w2 w3
quorum all-of-them
`;
const invalid = { code: "NOTE_INVALID" };

test("a note, a key and a secret of Go's documentation are read and written as they are there", () => {
  const key = parseVerifier("log", GO_KEY);
  expect(signaturesOf(parseNote(GO_NOTE), [key])).toEqual([
    { key, line: GO_LINE, atSeconds: null },
  ]);
  expect(formatVerifier(key)).toBe(GO_KEY);
  const signer = parseSigner("log", GO_SECRET);
  expect(formatSigner(signer)).toBe(GO_SECRET);
  expect(signText(signer, GO_TEXT)).toBe(GO_LINE);
});

test("a false signature of a known key is refused, one of an unknown key is passed over", () => {
  const key = parseVerifier("log", GO_KEY);
  const changed = parseNote(GO_NOTE.replace("don't", "do"));
  expect(() => signaturesOf(changed, [key])).toThrow(expect.objectContaining(invalid));
  expect(signaturesOf(changed, [log.verifier])).toEqual([]);
});

test("a witness's signature holds for its text and time alone, and says the time", () => {
  const line = signTimed(w1!, TEXT, 1_679_315_147);
  const open = (text: string) =>
    signaturesOf(parseNote(formatNote(text, [line])), [w1!.verifier]).map((one) => one.atSeconds);
  expect(open(TEXT)).toEqual([1_679_315_147]);
  expect(() => open(TEXT.replace("17", "18"))).toThrow(expect.objectContaining(invalid));
  const bytes = Buffer.from(line.split(" ")[2]!, "base64");
  bytes[11]! ^= 1;
  const later = formatNote(TEXT, [`— w1.example ${bytes.toString("base64")}`]);
  expect(() => signaturesOf(parseNote(later), [w1!.verifier])).toThrow(/false/);
});

test.each([
  ["without signatures", "text\n"],
  ["without a text's line feed", "text— a AAAAAAAA\n"],
  ["cut in a signature", GO_NOTE.slice(0, -9)],
  ["without its last line feed", GO_NOTE.slice(0, -1)],
  ["with a control character", GO_NOTE.replace("know", "k\u0007ow")],
  ["with a carriage return", GO_NOTE.replaceAll("\n", "\r\n")],
  ["with base64 of another form", GO_NOTE.replace("BwJnAM=", "BwJnAN=")],
  ["with more signatures than can be", formatNote(GO_TEXT, Array(101).fill(GO_LINE))],
  ["that is very long", formatNote("x".repeat(1 << 18), [GO_LINE])],
])("a note %s is refused", (_, note) => {
  expect(() => parseNote(note)).toThrow(expect.objectContaining(invalid));
});

test("texts at random are read or refused, never more", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.nat(300), (text, at) => {
      for (const note of [text, GO_NOTE.slice(0, at) + text + GO_NOTE.slice(at)]) {
        try {
          signaturesOf(parseNote(note), [parseVerifier("log", GO_KEY)]);
        } catch (error) {
          expect(error).toMatchObject(invalid);
        }
      }
    }),
  );
});

test.each([
  ["a size with a zero before it", `${log.verifier.name}\n017\n${"A".repeat(43)}=\n`],
  ["a negative size", `${log.verifier.name}\n-1\n${"A".repeat(43)}=\n`],
  ["a size as a power", `${log.verifier.name}\n1e3\n${"A".repeat(43)}=\n`],
  ["a size beyond what is exact", `${log.verifier.name}\n9007199254740993\n${"A".repeat(43)}=\n`],
  ["a root that is short", `${log.verifier.name}\n17\nAAAA\n`],
  ["no name", `\n17\n${"A".repeat(43)}=\n`],
  ["two lines", `${log.verifier.name}\n17\n`],
  ["an empty line", `${log.verifier.name}\n17\n${"A".repeat(43)}=\n\nmore\n`],
])("a checkpoint with %s is refused", (_, text) => {
  expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining(invalid));
});

test("a checkpoint reads what it wrote, lines that others add after it too", () => {
  const root = Buffer.alloc(32, 7);
  expect(parseCheckpoint(TEXT)).toEqual({ origin: log.verifier.name, size: 17, root });
  expect(parseCheckpoint(`${TEXT}more\n`)).toMatchObject({ size: 17 });
});

test.each([
  ["of another kind", formatVerifier(w1!.verifier)],
  ["with another name", formatVerifier(log.verifier).replace("plant-a", "plant-b")],
  ["with another id", GO_KEY.replace("c74f20a3", "c74f20a4")],
  ["with a space in its name", GO_KEY.replace("Peter", "Peter ")],
  ["that is short", GO_KEY.slice(0, -4)],
  ["that is a secret", GO_SECRET],
])("a log's key %s is refused", (_, text) => {
  expect(() => parseVerifier("log", text)).toThrow(expect.objectContaining(invalid));
});

test("a secret that is refused is not repeated", () => {
  const refused = (): unknown => parseSigner("log", GO_SECRET.replace("c74f", "c74e"));
  expect(refused).toThrow(expect.objectContaining(invalid));
  expect(refused).not.toThrow(/AYEKFALV/);
});

test("a quorum of witnesses is needed, with the log's own signature", () => {
  const policy = parsePolicy(policyText);
  const note = (...lines: string[]): string => formatNote(TEXT, lines);
  const own = signText(log, TEXT);
  const [by1, by3] = [signTimed(w1!, TEXT, 5), signTimed(w3!, TEXT, 9)];
  const opened = openCosigned(note(own, by1, by3), policy);
  expect(opened.checkpoint.size).toBe(17);
  expect(opened.cosignatures.map(({ witness, atSeconds }) => [witness.name, atSeconds])).toEqual([
    ["w1", 5],
    ["w3", 9],
  ]);
  const refused = [note(own, by1), note(own, by1, by1, signTimed(w1!, TEXT, 6)), note(by1, by3)];
  // A key of the same name is another key.
  const other = createSigner("witness", "w3.example");
  refused.push(note(own, by1, signTimed(other, TEXT, 5)));
  for (const one of refused) {
    expect(() => openCosigned(one, policy)).toThrow(expect.objectContaining(invalid));
  }
});

test("groups of groups count as their lines say", () => {
  const names = [w1, w2, w3].map((one) => formatVerifier(one!.verifier));
  const policy = parsePolicy(
    [
      ...names.map((key, i) => `witness w${i + 1} ${key}`),
      "group pair any w1 w2",
      "group both all pair w3",
      "quorum both",
    ].join("\n"),
  );
  const isQuorum = (...own: string[]): boolean => policy.isQuorum(new Set(own));
  expect([isQuorum("w1", "w2"), isQuorum("w3"), isQuorum("w2", "w3")]).toEqual([
    false,
    false,
    true,
  ]);
});

const again = formatVerifier(w1!.verifier);
test.each([
  ["has no quorum", (text: string) => text.replace(/^quorum.*$/m, ""), null],
  ["has two", (text: string) => `${text}quorum w1\n`, 8],
  ["asks for none", (text: string) => text.replace(/^quorum.*$/m, "quorum none"), 7],
  ["asks for more than there are", (text: string) => text.replace("them 2", "them 4"), 6],
  ["asks for 0", (text: string) => text.replace("them 2", "them 0"), 6],
  ["counts a member twice", (text: string) => text.replace("w1 w2 w3", "w1 w1 w3"), 6],
  ["has a key under two names", (text: string) => text.replace(/w2 .*/, `w2 ${again}`), 4],
  ["has a name twice", (text: string) => text.replace("witness w2", "witness w1"), 4],
  ["names what is not there", (text: string) => text.replace("w1 w2 w3", "w1 w2 w9"), 6],
  ["has a log's key as a witness's", (text: string) => text.replace(/w1 \S+/, `w1 ${GO_KEY}`), 3],
  ["has an address that is none", (text: string) => text.replace("http:", "file:"), 3],
  ["has another line", (text: string) => `${text}include others\n`, 8],
])("a policy that %s is refused by its line", (_, spoil, line) => {
  expect(() => parsePolicy(spoil(policyText))).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", details: line === null ? {} : { line } }),
  );
});
