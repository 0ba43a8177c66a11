/** Parsers of option values; a wrong value is refused with a message. */
import { InvalidArgumentError } from "commander";
import {
  AGENT_PARTS,
  type AgentPart,
  FABRIC_PARTS,
  type FabricPart,
  SHIP_KINDS,
  type ShipKind,
  SITES_PARTS,
  type SitesPart,
} from "../shared/choices.ts";
import { durationMs } from "../shared/duration.ts";

/** "3" means the first three, "2-4" the numbers 2 to 4, counted from 0. */
export function splitRange(text: string): { readonly first: number; readonly last: number } {
  const [first, last, ...more] = text.split("-");
  if (last === undefined) return { first: 0, last: integerOf(text, 1, 100) - 1 };
  const range = { first: integerOf(first!, 0, 99), last: integerOf(last, 0, 99) };
  if (more.length === 0 && range.first <= range.last) return range;
  throw new InvalidArgumentError(
    `must be a number or an ascending range such as 0-4, got "${text}".`,
  );
}

/** At most 200 characters, as a node may announce. */
export function shortText(text: string): string {
  if (text.length <= 200) return text;
  throw new InvalidArgumentError(`must have at most 200 characters, got ${text.length}.`);
}

export function seedCount(text: string): number {
  return integerOf(text, 1, 100);
}

export function regimeRows(text: string): number {
  return integerOf(text, 50, 100_000);
}

const PRESETS = ["auto", "accurate", "regimes"] as const;

/** Names of presets that a bench compares. */
export function presetList(text: string): (typeof PRESETS)[number][] {
  return namesAmong(PRESETS, commaList(text));
}

/** Parts of the fabric bench. */
export function fabricParts(text: string): FabricPart[] {
  return namesAmong(FABRIC_PARTS, commaList(text));
}

/** Parts of the agent bench. */
export function agentParts(text: string): AgentPart[] {
  return namesAmong(AGENT_PARTS, commaList(text));
}

/** Parts of the sites bench. */
export function sitesParts(text: string): SitesPart[] {
  return namesAmong(SITES_PARTS, commaList(text));
}

export function stepList(text: string): number[] {
  return commaList(text).map((part) => integerOf(part, 1, 1_000_000));
}

export function sizeList(text: string): number[] {
  return commaList(text).map((part) => integerOf(part, 100, 10_000_000));
}

export function threadNumber(text: string): number {
  return integerOf(text, 1, 64);
}

export function commaList(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

/** Kinds of experts and gates; "none" alone is an empty list. */
export function shipList(text: string): readonly ShipKind[] {
  const names = commaList(text);
  if (names.length === 1 && names[0] === "none") return [];
  return namesAmong(SHIP_KINDS, names, "none or among");
}

function namesAmong<T extends string>(
  known: readonly T[],
  names: readonly string[],
  must = "of",
): T[] {
  return names.map((name) => {
    const found = known.find((one) => one === name);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`must be ${must} ${known.join(", ")}, got "${name}".`);
  });
}

/** Names of columns; an option that is given twice adds to its list. */
export function columnList(text: string, before: readonly string[] = []): string[] {
  return [...before, ...commaList(text)];
}

export function typeList(text: string): Record<string, "number" | "category" | "date"> {
  const entries = commaList(text).map((part) => {
    const at = part.lastIndexOf("=");
    const type = part.slice(at + 1);
    if (at < 1 || (type !== "number" && type !== "category" && type !== "date")) {
      const form = "name=number, name=category or name=date";
      throw new InvalidArgumentError(`must read ${form}, got "${part}".`);
    }
    return [part.slice(0, at), type] as const;
  });
  return Object.fromEntries(entries);
}

/** A separator of cells; "tab" for the one that a shell makes hard to write. */
export function separatorText(text: string): string {
  const separator = text === "tab" || text === "\\t" ? "\t" : text;
  if ([",", ";", "\t", "|"].includes(separator)) return separator;
  throw new InvalidArgumentError(`must be one of , ; | tab, got "${text}".`);
}

export function integerList(text: string): [number, ...number[]] {
  const [first, ...others] = commaList(text).map((part) => integerOf(part, 1, 16));
  return [first!, ...others];
}

/** Digits after the decimal point. */
export function digitNumber(text: string): number {
  return integerOf(text, 0, 15);
}

export function seedNumber(text: string): number {
  return integerOf(text, 0, 2_147_483_647);
}

export function countNumber(text: string): number {
  return integerOf(text, 0, 1_000_000);
}

export function rowNumber(text: string): number {
  return integerOf(text, 1, 10_000_000);
}

export function versionNumber(text: string): number {
  return integerOf(text, 1, 16);
}

/** Of a line of a log, counted from 1. */
export function lineNumber(text: string): number {
  return integerOf(text, 1, Number.MAX_SAFE_INTEGER);
}

export function portNumber(text: string): number {
  return integerOf(text, 0, 65_535);
}

export function levelNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError(`must be a number above 0 and below 1, got "${text}".`);
  }
  return value;
}

/** ε of differential privacy. */
export function epsilonNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0.01 && value <= 50) return value;
  throw new InvalidArgumentError(`must be a number, 0.01 to 50, got "${text}".`);
}

/** δ of differential privacy: with that probability a row may be told. */
export function deltaNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 1e-15 && value <= 1e-3) return value;
  throw new InvalidArgumentError(`must be a number, 1e-15 to 0.001, got "${text}".`);
}

/** A share: at least 0 and below 1. */
export function shareNumber(text: string): number {
  const value = Number(text);
  if (!(text.trim() !== "" && value >= 0 && value < 1)) {
    throw new InvalidArgumentError(`must be at least 0 and below 1, got "${text}".`);
  }
  return value;
}

function integerOf(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidArgumentError(`must be an integer, ${least} to ${most}, got "${text}".`);
  }
  return value;
}

export function bundleVersion(text: string): number {
  return integerOf(text, 1, 999_999_999);
}

/** Seconds, at most an hour; fractions are allowed. */
export function secondsNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 3600) return value;
  throw new InvalidArgumentError(`must be a number of seconds, 0 to 3600, got "${text}".`);
}

/** "90s", "2m" or "1.5h" in milliseconds, a day at most. */
export function duration(text: string): number {
  const ms = durationMs(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError(`must be a time from 1s to 24h, as 90s or 2m, got "${text}".`);
}
