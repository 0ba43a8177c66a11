/**
 * Rows below a table that sum it up: "Total", "Summe", means. Spreadsheets and meters end their
 * exports so, and one such row among hundreds spoils a fit: its number is that of all rows.
 *
 * A row sums up if two of three are true: half of its cells are blank or hold its label; a label
 * says so; a number is the sum of its column. A rare row of data has one at most.
 */
import { type DecimalMark, numberInText } from "./number-text.ts";
import { decimalVotes } from "./survey.ts";

/** Rows that may stand below a table, and rows that it must have above them. */
const MAX_CLOSING = 5;
const MIN_ROWS = 5;
/** Rows that are looked at to see which columns are seldom blank. */
const SAMPLE_ROWS = 200;
/** A sum of rounded numbers may differ by this share. */
const ROUNDING = 1e-3;

const LABEL = new RegExp(
  `^(?:${[
    "(?:grand |sub-?)?totals?|sums?|means?|averages?|avg|median|minimum|maximum|std\\.? ?dev",
    "summe|gesamt(?:summe|ergebnis|wert)?|insgesamt|mittel(?:wert)?|durchschnitt",
    "total g[ée]n[ée]ral|somme|moyenne|totale|somma|media|suma|promedio|soma|m[ée]dia",
    "totaal|som|gemiddelde|summa|totalt|razem|suma|celkem|итого|всего|合計|总计|合计|總計",
  ].join("|")})\\.? ?:?$`,
  "iu",
);

/** A column's texts, without space around them. */
type Texts = (row: number) => string;

/**
 * The number of rows at the end that sum up the rows above them.
 *
 * @param columns - Columns without a name too.
 * @param usual - The decimal mark of numbers that prove none.
 */
export function closingRows(columns: readonly Texts[], nRows: number, usual: DecimalMark): number {
  const most = Math.min(MAX_CLOSING, nRows - MIN_ROWS);
  if (most < 1 || columns.every((text) => isOrdinary(text(nRows - 1)))) return 0;
  const filled = columns.filter((text) => isMostlyFilled(text, nRows - most));
  for (let n = most; n > 0; n--) {
    const body = nRows - n;
    const rows = Array.from({ length: n }, (_, i) => body + i);
    if (rows.every((row) => sumsUp({ columns, filled, usual }, { row, body }))) return n;
  }
  return 0;
}

function isOrdinary(text: string): boolean {
  return text !== "" && !LABEL.test(text);
}

function isMostlyFilled(text: Texts, body: number): boolean {
  const nSeen = Math.min(body, SAMPLE_ROWS);
  const nFilled = Array.from({ length: nSeen }, (_, row) => text(row)).filter(Boolean).length;
  return nFilled > nSeen / 2;
}

interface Written {
  readonly columns: readonly Texts[];
  /** Those whose cells are seldom blank. */
  readonly filled: readonly Texts[];
  readonly usual: DecimalMark;
}

interface Place {
  readonly row: number;
  /** The number of rows above all closing ones. */
  readonly body: number;
}

function sumsUp({ columns, filled, usual }: Written, place: Place): boolean {
  const labels = columns.filter((text) => isLabel(text, place));
  const nAbsent = filled.filter((text) => text(place.row) === "" || labels.includes(text)).length;
  const isSparse = nAbsent > 0 && nAbsent >= Math.floor(filled.length / 2);
  if (isSparse && labels.length > 0) return true;
  return (isSparse || labels.length > 0) && filled.some((text) => holdsSum(text, place, usual));
}

/** Whether the row's text is a label, and no row above has it. */
function isLabel(text: Texts, { row, body }: Place): boolean {
  const label = text(row);
  if (!LABEL.test(label)) return false;
  for (let above = 0; above < body; above++) if (text(above) === label) return false;
  return true;
}

/** Whether the row's number is the sum of those above, and beyond each of them. */
function holdsSum(text: Texts, { row, body }: Place, usual: DecimalMark): boolean {
  const cells = Array.from({ length: body + 1 }, (_, i) => text(i === body ? row : i));
  const { comma } = decimalVotes(cells);
  const marked = comma > 0 ? "," : ".";
  const decimal = comma === 0 ? usual : marked;
  const values = cells.map((cell) => numberInText(cell, decimal)?.value);
  const total = values[body];
  if (total === undefined) return false;
  let [sum, farthest] = [0, 0];
  for (const value of values.slice(0, body)) {
    sum += value ?? 0;
    farthest = Math.max(farthest, Math.abs(value ?? 0));
  }
  return Math.abs(total) > farthest && Math.abs(total - sum) <= ROUNDING * Math.abs(total);
}
