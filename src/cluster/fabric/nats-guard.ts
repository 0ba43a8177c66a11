/** Failures of JetStream, as errors of ours. */
import { BailiwickError } from "../../shared/errors.ts";

/** @throws FABRIC_UNAVAILABLE for what JetStream fails at; our own errors pass unchanged. */
export async function guard<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof BailiwickError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the NATS server must keep the fabric's ${what}, got "${why}"`;
    throw new BailiwickError("FABRIC_UNAVAILABLE", message, { what }, cause);
  }
}
