/** Times as people write them: "90s", "2m", "1.5h". */

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a time from one second to a day; null for any other text. */
export function durationMs(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  return ms >= 1000 && ms <= 24 * 3_600_000 ? ms : null;
}
