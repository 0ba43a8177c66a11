/**
 * HPKE (RFC 9180) as this package uses it: X25519, HKDF-SHA256, AES-128-GCM.
 *
 * Keys, nonces and their order are the library's. AES is OpenSSL's by node:crypto, which answers at
 * once: that of WebCrypto waits for a thread, three times as long for a message of 2 kB.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import {
  type AeadEncryptionContext,
  AeadId,
  type AeadInterface,
  CipherSuite,
  DhkemX25519HkdfSha256,
  HkdfSha256,
} from "@hpke/core";

const CIPHER = "aes-128-gcm";
const TAG_BYTES = 16;

export const AES_KEY_BYTES = 16;
export const NONCE_BYTES = 12;

const aead: AeadInterface = {
  id: AeadId.Aes128Gcm,
  keySize: AES_KEY_BYTES,
  nonceSize: NONCE_BYTES,
  tagSize: TAG_BYTES,
  createEncryptionContext: (key): AeadEncryptionContext => aesContext(viewOf(key)),
};

export const suite: CipherSuite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead,
});

/** Seals and opens with nonces that the caller counts: none may come twice. */
export function aesContext(key: Uint8Array): AeadEncryptionContext {
  const own = Uint8Array.from(key);
  return {
    seal: async (nonce, data, aad) => {
      const cipher = createCipheriv(CIPHER, own, viewOf(nonce)).setAAD(viewOf(aad));
      const text = viewOf(data);
      const sealed = new Uint8Array(text.length + TAG_BYTES);
      sealed.set(cipher.update(text));
      cipher.final();
      sealed.set(cipher.getAuthTag(), text.length);
      return sealed.buffer;
    },
    open: async (nonce, data, aad) => {
      const sealed = viewOf(data);
      const end = sealed.length - TAG_BYTES;
      if (end < 0) throw new RangeError("a sealed text must hold its tag");
      const cipher = createDecipheriv(CIPHER, own, viewOf(nonce)).setAAD(viewOf(aad));
      cipher.setAuthTag(sealed.subarray(end));
      const text = Uint8Array.from(cipher.update(sealed.subarray(0, end)));
      cipher.final();
      return text.buffer;
    },
  };
}

function viewOf(bytes: ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(bytes)) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
