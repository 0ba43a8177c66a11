/** Names as a page can hold them: HTML has no place for control characters, NUL least of all. */
import type { ExperimentResult } from "../experiments/index.ts";

/** Control characters but tab and line breaks, and halves of a surrogate pair. */
const UNPRINTABLE = /[^\P{Cc}\t\n\r]|\p{Cs}/gu;

/** The text with U+FFFD where a character cannot be printed; line breaks become spaces. */
function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\uFFFD").replace(/[\t\n\r]+/g, " ");
}

/** The result with every name that came from the user's data made printable. */
export function withPrintableNames(result: ExperimentResult): ExperimentResult {
  const { config, dataset } = result;
  return {
    ...result,
    name: printable(result.name),
    config: { ...config, drop: config.drop.map(printable) },
    dataset: {
      ...dataset,
      name: printable(dataset.name),
      target: printable(dataset.target),
      warnings: dataset.warnings.map(printable),
    },
  };
}
