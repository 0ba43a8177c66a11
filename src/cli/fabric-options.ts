/** Options of the commands that use a fabric. */
import { type Command, InvalidArgumentError } from "commander";

/** The fabric of one process: experts answer in the process that read them. */
export const EMBEDDED = "embedded";

export interface FabricFlags {
  readonly fabric: string;
  readonly credentials?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** @param otherwise - The default fabric; undefined makes the option required. */
export function withFabric(command: Command, otherwise?: string): Command {
  const flag = "--fabric <url>";
  const help = "embedded, or NATS servers between commas, as nats://host:port or tls://host:port";
  return (
    otherwise === undefined
      ? command.requiredOption(flag, help)
      : command.option(flag, help, otherwise)
  )
    .option("--credentials <file>", "a NATS credentials file")
    .option("--tls-ca <file>", "certificate authorities to trust, PEM")
    .option("--tls-cert <file>", "client certificate, PEM")
    .option("--tls-key <file>", "private key of the client certificate, PEM");
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };

/** "512MB" in bytes. */
export function memorySize(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(text.trim());
  const bytes = found === null ? 0 : Math.round(Number(found[1]) * UNITS[found[2]!.toUpperCase()]!);
  if (bytes >= 1) return bytes;
  throw new InvalidArgumentError(`must be a size such as 512MB or 2GB, got "${text}".`);
}

/** Adds "patients=eu,ch" to the earlier pins. */
export function pin(
  text: string,
  before: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const at = text.indexOf("=");
  const zones = text.slice(at + 1).split(",");
  const isOne = at > 0 && zones.every((zone) => /^[A-Za-z0-9_-]{1,64}$/.test(zone));
  if (!isOne)
    throw new InvalidArgumentError(`must read class=zone or class=zone,zone, got "${text}".`);
  return new Map([...before, [text.slice(0, at), zones]]);
}
