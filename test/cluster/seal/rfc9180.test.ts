/**
 * Goal: our suite is HPKE as others have it.
 * Method: RFC 9180, A.1.1: keys, six messages of one session and three exports, in both roles.
 */
import { expect, test } from "vitest";
import { suite } from "../../../src/cluster/seal/suite.ts";

const INFO = "4f6465206f6e2061204772656369616e2055726e";
const TEXT = "4265617574792069732074727574682c20747275746820626561757479";
const EPHEMERAL = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
const ENC = "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
const SECRET = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
const PUBLIC = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
const SEALED = new Map([
  [0, "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"],
  [1, "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84"],
  [2, "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc180"],
  [4, "583bd32bc67a5994bb8ceaca813d369bca7b2a42408cddef5e22f880b631215a09fc0012bc69fccaa251c0246d"],
  [
    255,
    "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505bf106deefec4a49ac38d71c9e0a",
  ],
  [
    256,
    "957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3fbeda97d2e0e1aba483a2df9f2",
  ],
]);
const EXPORTS = new Map([
  ["", "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee"],
  ["00", "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5"],
  [
    Buffer.from("TestContext").toString("hex"),
    "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
  ],
]);

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (buffer: ArrayBuffer): string => Buffer.from(buffer).toString("hex");

test("messages and exports of RFC 9180, A.1.1 are sealed and opened as there", async () => {
  const { kem } = suite;
  const ephemeral = {
    privateKey: await kem.deserializePrivateKey(bytes(EPHEMERAL)),
    publicKey: await kem.deserializePublicKey(bytes(ENC)),
  };
  const sender = await suite.createSenderContext({
    recipientPublicKey: await kem.deserializePublicKey(bytes(PUBLIC)),
    info: bytes(INFO),
    ekm: ephemeral,
  });
  expect(hex(sender.enc)).toBe(ENC);
  const recipient = await suite.createRecipientContext({
    recipientKey: await kem.deserializePrivateKey(bytes(SECRET)),
    enc: bytes(ENC),
    info: bytes(INFO),
  });
  for (let number = 0; number <= 256; number++) {
    const aad = new TextEncoder().encode(`Count-${number}`);
    const sealed = await sender.seal(bytes(TEXT), aad);
    if (SEALED.has(number)) expect(hex(sealed)).toBe(SEALED.get(number));
    expect(hex(await recipient.open(sealed, aad))).toBe(TEXT);
  }
  for (const [context, value] of EXPORTS) {
    expect(hex(await sender.export(bytes(context), 32))).toBe(value);
    expect(hex(await recipient.export(bytes(context), 32))).toBe(value);
  }
});
