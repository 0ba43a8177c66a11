/**
 * The players of the game that a contribution is a share of: the columns of the user's table.
 *
 * All inputs that come from one column (the levels of a category, the parts of a date, a number and
 * its missing mark) move together, so that a column has one contribution.
 */
import { featureWidth, inputColumns, type Preprocessing } from "../../data/index.ts";

export interface Players {
  /** The columns that the model reads, in the model's order. */
  readonly columns: readonly string[];
  /** The column of each input, by its number in `columns`. Shape (nInputs,). */
  readonly ofInput: Int32Array;
}

export function playersOf(preprocessing: Preprocessing): Players {
  const columns = inputColumns(preprocessing).map(({ name }) => name);
  const numbers = new Map(columns.map((name, p) => [name, p]));
  const ofInput = preprocessing.features.flatMap((feature) => {
    const isPart = feature.type === "number" && feature.from !== undefined;
    const column = isPart ? feature.from.column : feature.name;
    return Array<number>(featureWidth(feature)).fill(numbers.get(column)!);
  });
  return { columns, ofInput: Int32Array.from(ofInput) };
}
