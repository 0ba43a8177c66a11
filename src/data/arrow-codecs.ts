/**
 * How Arrow's compressed buffers are unpacked: LZ4 (what Feather files have if nobody says
 * otherwise) and Zstandard. A file says of each buffer how large it unpacks; all together may
 * unpack to a limit, whatever they say.
 */
import { CompressionType, setCompressionCodec } from "@uwdata/flechette";
import { decompress as decompressZstd } from "fzstd";
import { BailiwickError } from "../shared/errors.ts";
import { unpackLz4 } from "./lz4.ts";

/** As much as a text file may hold. */
const MAX_UNPACKED_BYTES = 200_000_000;

type Unpack = (packed: Uint8Array, out: Uint8Array) => number;

/** Runs `decode` with codecs that share one limit. The codecs are flechette's global state. */
export function withCodecs<T>(decode: () => T): T {
  let left = MAX_UNPACKED_BYTES;
  const codec = (unpack: Unpack): Parameters<typeof setCompressionCodec>[1] => ({
    decode(packed, nBytes) {
      left -= nBytes;
      if (!(nBytes >= 0 && left >= 0)) {
        throw new BailiwickError(
          "DATA_TOO_LARGE",
          `its buffers must unpack to at most ${MAX_UNPACKED_BYTES} bytes`,
          { maxBytes: MAX_UNPACKED_BYTES },
        );
      }
      const out = new Uint8Array(nBytes);
      const found = unpack(packed, out);
      if (found === nBytes) return out;
      throw new RangeError(`a buffer must unpack to ${nBytes} bytes, got ${found}`);
    },
    encode() {
      throw new Error("this package writes no Arrow");
    },
  });
  setCompressionCodec(CompressionType.LZ4_FRAME, codec(unpackLz4));
  setCompressionCodec(
    CompressionType.ZSTD,
    codec((packed, out) => decompressZstd(packed, out).length),
  );
  return decode();
}
