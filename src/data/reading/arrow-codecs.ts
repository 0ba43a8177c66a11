/**
 * Unpacks Arrow's compressed buffers: LZ4, the default of Feather files, and Zstandard. A file
 * gives the unpacked size of each buffer; the sum of these sizes has a limit.
 */
import { CompressionType, setCompressionCodec } from "@uwdata/flechette";
import { decompress as decompressZstd } from "fzstd";
import { BailiwickError } from "../../shared/errors.ts";
import { MAX_DATA_BYTES } from "../limits.ts";
import { unpackLz4 } from "../lz4.ts";

type Unpack = (packed: Uint8Array, out: Uint8Array) => number;

/** Runs `decode` with codecs that share one limit. The codecs are flechette's global state. */
export function withCodecs<T>(decode: () => T): T {
  let left = MAX_DATA_BYTES;
  const codec = (unpack: Unpack): Parameters<typeof setCompressionCodec>[1] => ({
    decode(packed, nBytes) {
      left -= nBytes;
      if (!(nBytes >= 0 && left >= 0)) {
        throw new BailiwickError(
          "DATA_TOO_LARGE",
          `its buffers must unpack to at most ${MAX_DATA_BYTES} bytes`,
          { maxBytes: MAX_DATA_BYTES },
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
