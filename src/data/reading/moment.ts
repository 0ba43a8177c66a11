/** Moments in their canonical spelling, in UTC: `2024-01-01`, `2024-01-01T12:30:00Z`. */

/** A fraction's digits without the zeros at their end. */
export function withoutZeros(fraction: string): string {
  let end = fraction.length;
  while (fraction[end - 1] === "0") end--;
  return fraction.slice(0, end);
}

/**
 * A moment in its canonical spelling.
 *
 * @param ms - Whole seconds since 1970, in milliseconds; within the range of `Date`.
 * @param fraction - Digits of the second's fraction.
 */
export function momentText(ms: number, fraction: string): string {
  const [day, time] = new Date(ms).toISOString().slice(0, -5).split("T");
  const digits = withoutZeros(fraction);
  if (digits === "" && time === "00:00:00") return day!;
  return `${day}T${time}${digits === "" ? "" : `.${digits}`}Z`;
}

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d(?:\.\d+)?)Z)?$/;

/** A canonical moment as milliseconds since 1970; NaN for any other text. */
export function momentMs(text: string): number {
  const match = MOMENT.exec(text);
  if (match === null) return Number.NaN;
  const [year, month, day, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const utc = new Date(0);
  utc.setUTCFullYear(year!, month! - 1, day);
  return utc.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** How far a zone is ahead of UTC: "+01:30", "-0500", "-05"; 0 for "Z", "UTC" and nothing. */
export function offsetMs(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const digits = zone.replace(":", "");
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5) || "0");
  return (digits.startsWith("-") ? -minutes : minutes) * 60_000;
}
