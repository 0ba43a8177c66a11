/**
 * Figures: what a bench claims in numbers, each with the bound it must hold and how it was taken.
 *
 * A figure that could not be measured has no value and is neither right nor wrong; `how` says why.
 */
import { cpus, totalmem } from "node:os";
import { today } from "../shared/clock.ts";
import { packageVersion } from "../shared/version.ts";

/** What a value must hold. */
export type Bound =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly below: number };

export interface Figure {
  /** For example "kernel.row-us". Public: documents and checks name it. */
  readonly name: string;
  /** null if it was not measured. */
  readonly value: number | null;
  readonly unit: string;
  /** The bound in words, for example ">= 6". */
  readonly must: string;
  /** Whether the value holds the bound; null if it was not measured. */
  readonly ok: boolean | null;
  readonly how: string;
}

/** A figure and whether it holds its bound. A value that is not finite holds none. */
export function judgeFigure(
  { name, value, unit, how }: Pick<Figure, "name" | "value" | "unit" | "how">,
  bound: Bound,
): Figure {
  const ok = value === null ? null : holds(value, bound);
  return { name, value, unit, must: boundInWords(bound), ok, how };
}

function boundInWords(bound: Bound): string {
  if ("atLeast" in bound) return `>= ${bound.atLeast}`;
  return "atMost" in bound ? `<= ${bound.atMost}` : `< ${Number(bound.below.toPrecision(4))}`;
}

function holds(value: number, bound: Bound): boolean {
  if ("atLeast" in bound) return value >= bound.atLeast;
  return "atMost" in bound ? value <= bound.atMost : value < bound.below;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
}

/** What every bench prints and leaves as result.json. */
export interface BenchDocument<Measurements = unknown> {
  readonly bench: string;
  /** The command that made it. */
  readonly command: string;
  readonly createdAt: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** What the figures were computed from. */
  readonly measurements: Measurements;
  readonly figures: readonly Figure[];
}

/** The document of a bench that ran here and now. */
export function benchDocument<Measurements>(
  facts: Omit<BenchDocument<Measurements>, "createdAt" | "machine">,
): BenchDocument<Measurements> {
  const { bench, command, versions, measurements, figures } = facts;
  const versionsHere = { bailiwick: packageVersion(), node: process.version };
  return {
    bench,
    command,
    createdAt: today(),
    machine: describeMachine(),
    versions: { ...versionsHere, ...versions },
    measurements,
    figures,
  };
}

function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
  };
}
