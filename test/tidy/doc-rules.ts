/** Widths of the docs' lines. */
const MOST_COLUMNS = 110;

/** Lines of a Markdown file, counted from 1, that are too wide; not tables, code and addresses. */
export function wideDocLines(text: string): number[] {
  let isCode = false;
  return text.split("\n").flatMap((line, i) => {
    if (line.startsWith("```")) isCode = !isCode;
    if (isCode || line.trimStart().startsWith("|")) return [];
    const shown = line.replaceAll(/\]\([^)]*\)/g, "]").replaceAll(/https?:\/\/\S+/g, "");
    return [...shown].length > MOST_COLUMNS ? [i + 1] : [];
  });
}
