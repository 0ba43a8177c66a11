/** `bailiwick forget`: removes rows from the store, and trains experts again without them. */
import { basename, resolve } from "node:path";
import { forget, load } from "../library/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { ForgetReport } from "../update/index.ts";
import type { EngineFlags } from "./engine.ts";
import { EMBEDDED, type FabricFlags } from "./fabric-options.ts";
import { printJson, printLine } from "./output.ts";
import { hashTable } from "./update.ts";
import { removeReport } from "./write-report.ts";

export interface ForgetFlags extends EngineFlags, FabricFlags {
  readonly key: string;
  readonly seed?: number;
  readonly json?: boolean;
}

/** Of experts that have learnt from the rows. */
const STORES = "snapshots and copies of the NATS server's store";

export async function forgetCommand(bundlePath: string, flags: ForgetFlags): Promise<void> {
  const { key, json, seed, engine, threads } = flags;
  const settings = { seed, engine, threads };
  const forgotten = await forget(bundlePath, keyOf(key), settings);
  // The page that the fit left shows rows, which may be the forgotten ones; a killed command leaves
  // it beside a model without marks of rows.
  const { provenance } = await load(bundlePath);
  if (forgotten.nForgotten > 0 || provenance.rowMarks === undefined) await removeReport(bundlePath);
  const isOnFabric = flags.fabric !== EMBEDDED;
  const report = isOnFabric ? await eraseOnFabric(bundlePath, forgotten, flags) : forgotten;
  if (json === true) printJson(report);
  else printLine(renderForget(report));
}

/** The report with what was erased on a fabric that serves the bundle by its folder's name. */
async function eraseOnFabric(
  bundlePath: string,
  report: ForgetReport,
  flags: FabricFlags,
): Promise<ForgetReport> {
  const { connectFabric, processName } = await import("./connect-fabric.ts");
  const { eraseExperts } = await import("../cluster/orchestration/index.ts");
  const fabric = await connectFabric(flags, `router-${processName()}`);
  try {
    const hashes = [...report.affected, ...report.unaffected].map(({ after }) => after);
    const experts = new Set(hashes.filter((hash) => hash !== null));
    const erased = await eraseExperts(fabric, [{ model: basename(resolve(bundlePath)), experts }]);
    const nodes = erased.nodes.map((key) => `node ${key}`);
    const cleaned = [...report.cleaned, `${erased.nBlobs} blobs of the fabric`, ...nodes];
    const [copies = ""] = report.notReached;
    return { ...report, cleaned, notReached: [copies, STORES, ...erased.notReached] };
  } finally {
    await fabric.close();
  }
}

function keyOf(text: string): { readonly column: string; readonly value: string } {
  const at = text.indexOf("=");
  if (at > 0) return { column: text.slice(0, at), value: text.slice(at + 1) };
  throw new BailiwickError("INVALID_OPTION", `--key must read COLUMN=VALUE, got "${text}"`);
}

function renderForget(report: ForgetReport): string {
  const { nForgotten, rowsRead, affected, unaffected, gate, version } = report;
  const reach = [
    `cleaned: ${report.cleaned.join(", ")}`,
    `not reached: ${report.notReached.join("; ")}`,
  ];
  if (nForgotten === 0) {
    return [`none of ${rowsRead} rows has the key; no expert was trained`, ...reach].join("\n");
  }
  const gates = gate.filter(({ before }) => before !== null);
  return [
    `forgot ${nForgotten} of ${rowsRead} rows; version ${version} does not depend on them`,
    `removed versions: ${report.removedVersions.join(", ")}`,
    ...reach,
    "",
    hashTable([
      ...affected,
      ...unaffected,
      ...gates.map((one) => ({ ...one, id: `${one.id} gate` })),
    ]),
  ].join("\n");
}
