/**
 * Names of columns from one header row or several. Names that stand twice get what tells them
 * apart: the second row's text, else a number.
 */

export interface HeaderNames {
  readonly names: readonly string[];
  /** Names of the header that stand there again, each with the names of the later columns. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
}

/**
 * @param lower - Texts of further header rows, for example units.
 * @returns Names that differ, but for empty ones.
 */
export function headerNames(
  first: readonly string[],
  lower: readonly (readonly string[])[],
): HeaderNames {
  if (isWhole(first)) return { names: first, repeated: new Map() };
  const whole = lower.find(isWhole);
  if (whole !== undefined) return { names: whole, repeated: new Map() };
  const [second] = lower;
  const qualified = first.map((name, j) => {
    const below = second?.[j] ?? "";
    if (name === "" || below === "") return name || below;
    return isOnce(first, name) ? name : `${name} (${below})`;
  });
  return numbered(qualified);
}

/** Whether a header row names every column by itself. */
function isWhole(names: readonly string[]): boolean {
  return !names.includes("") && new Set(names).size === names.length;
}

function isOnce(names: readonly string[], name: string): boolean {
  return names.indexOf(name) === names.lastIndexOf(name);
}

function numbered(names: readonly string[]): HeaderNames {
  const taken = new Set(names);
  const seen = new Set<string>();
  const repeated = new Map<string, string[]>();
  const differing = names.map((name) => {
    if (name === "" || !seen.has(name)) {
      seen.add(name);
      return name;
    }
    const others = repeated.get(name) ?? [];
    let number = others.length + 2;
    while (taken.has(`${name} (${number})`)) number++;
    const other = `${name} (${number})`;
    taken.add(other);
    repeated.set(name, [...others, other]);
    return other;
  });
  return { names: differing, repeated };
}
