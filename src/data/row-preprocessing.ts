/**
 * Preprocesses one row at a time, into the same matrix columns and bits as a table's rows.
 *
 * It allocates nothing for a row: look-ups are prepared once.
 */
import { BailiwickError, checkLength } from "../shared/errors.ts";
import { writeNumber } from "./apply-preprocessing.ts";
import { effectReader, givenFeatures, levelsOf } from "./level-effects.ts";
import { levelPlaces } from "./level-places.ts";
import { type Feature, featureWidth, matrixWidth, type Preprocessing } from "./preprocessing.ts";

/**
 * A row's cells in the features' order, without effects of levels, as columns of a table hold them:
 * finite numbers, texts of categories; NaN or null where missing.
 */
export type RowCells = ArrayLike<number | string | null>;

export interface RowPreprocessing {
  readonly nColumns: number;
  /**
   * Writes the row's matrix columns to `out`, shape (nColumns,). Modifies `out`.
   *
   * @throws SHAPE_MISMATCH unless there is one cell for each given feature; COLUMN_TYPE or
   *   VALUE_NOT_FINITE for a cell of a numeric feature that is a text or infinite.
   */
  write(cells: RowCells, out: Float32Array): void;
}

export function createRowPreprocessing({ features }: Preprocessing): RowPreprocessing {
  const given = givenFeatures(features).map(({ name }) => name);
  const columns = features.map((feature) => {
    const effects = levelsOf(feature);
    return {
      feature,
      width: featureWidth(feature),
      cell: given.indexOf(effects?.column ?? feature.name),
      placeOf: feature.type === "category" ? levelPlaces(feature) : null,
      numberIn:
        effects === undefined
          ? (cell: number | string | null) => numberOf(feature, cell)
          : effectReader(effects),
    };
  });
  return {
    nColumns: matrixWidth(features),
    write: (cells, out) => {
      checkLength("cells.length", cells.length, given.length);
      let at = 0;
      for (let f = 0; f < columns.length; f++) {
        const { feature, width, placeOf, numberIn } = columns[f]!;
        const cell = cells[columns[f]!.cell]!;
        if (feature.type === "number") {
          writeNumber(feature, numberIn(cell), out, at);
        } else {
          out.fill(0, at, at + width);
          const place = placeOf!(cell);
          if (place >= 0) out[at + place] = 1;
        }
        at += width;
      }
    },
  };
}

function numberOf({ name }: Feature, cell: number | string | null): number {
  if (cell == null) return Number.NaN;
  if (typeof cell === "string") {
    const message = `column "${name}" must hold numbers, found "${cell}"`;
    throw new BailiwickError("COLUMN_TYPE", message, { column: name });
  }
  if (cell === Number.POSITIVE_INFINITY || cell === Number.NEGATIVE_INFINITY) {
    const message = `column "${name}" must hold finite numbers, found ${cell}`;
    throw new BailiwickError("VALUE_NOT_FINITE", message, { column: name });
  }
  return cell;
}
