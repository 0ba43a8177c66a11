/** Which rows a page's figures are of. */
import { count } from "../../shared/wording.ts";
import type { AnsweredRows } from "../facts/index.ts";

/** "1,030 held-out rows". */
export function rowsInWords({ kind, rows }: Pick<AnsweredRows, "kind" | "rows">): string {
  const distinct = count(new Set(rows).size, "row");
  const [number, noun] = [distinct.split(" ")[0]!, distinct.split(" ")[1]!];
  if (kind === "held-out") return `${number} held-out ${noun}`;
  if (kind === "tested") return `${number} test ${noun}`;
  return kind === "given" ? `${number} given ${noun}` : `${number} training ${noun}`;
}
