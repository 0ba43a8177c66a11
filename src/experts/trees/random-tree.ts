/**
 * One extremely randomised tree (Geurts, Ernst and Wehenkel 2006): a node compares one cut a
 * column, drawn evenly between the lowest and the highest value of its rows.
 */
import type { Matrix } from "../../shared/matrix.ts";
import type { Rng } from "../../shared/rng.ts";
import {
  addChildren,
  type Grown,
  LEAST_GAIN,
  mayGrow,
  type Node,
  partRows,
  plantTree,
  type Split,
  type Targets,
  type TreeShape,
} from "./tree.ts";

export interface RandomGrowing extends Targets {
  readonly X: Matrix;
}

/** Modifies `growing.rows`. */
export function growRandomTree(growing: RandomGrowing, shape: TreeShape, rng: Rng): Grown {
  const { values, nColumns } = growing.X;
  const { tree, root } = plantTree(growing, shape);
  const search = createSearch(growing, shape, rng);
  const open = [root];
  const leaves: Node[] = [];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const split = mayGrow(node, shape) ? search(node) : null;
    if (split === null) {
      leaves.push(node);
      continue;
    }
    const { column, threshold } = split;
    const isFirst = (i: number): boolean => values[i * nColumns + column]! <= threshold;
    const middle = partRows(growing.rows, node.start, node.end, isFirst);
    open.push(...addChildren(tree, node, { split, middle, shape }));
  }
  return { tree, leaves };
}

/** Finds the best of a node's drawn cuts; null if none gains. */
function createSearch(
  { X: { values, nColumns }, rows, residuals, weights }: RandomGrowing,
  { minWeight, shrinkage }: TreeShape,
  rng: Rng,
): (node: Node) => Split | null {
  const lowest = new Float32Array(nColumns);
  const highest = new Float32Array(nColumns);
  const cuts = new Float32Array(nColumns);
  // Of the rows up to a column's cut.
  const sums = new Float64Array(nColumns);
  const weightsBelow = new Float64Array(nColumns);

  function findRanges({ start, end }: Node): void {
    lowest.fill(Number.POSITIVE_INFINITY);
    highest.fill(Number.NEGATIVE_INFINITY);
    for (let r = start; r < end; r++) {
      for (let j = 0, at = rows[r]! * nColumns; j < nColumns; j++, at++) {
        const value = values[at]!;
        if (value < lowest[j]!) lowest[j] = value;
        if (value > highest[j]!) highest[j] = value;
      }
    }
  }

  function drawCuts(): void {
    for (let j = 0; j < nColumns; j++) {
      const [low, high] = [lowest[j]!, highest[j]!];
      if (low >= high) continue;
      cuts[j] = low + rng.uniform() * (high - low);
      // Rounded up to the highest value, a cut would part nothing.
      if (cuts[j]! >= high) cuts[j] = low;
    }
  }

  function addUp({ start, end }: Node): void {
    sums.fill(0);
    weightsBelow.fill(0);
    for (let r = start; r < end; r++) {
      const i = rows[r]!;
      const weight = weights[i]!;
      const sum = weight * residuals[i]!;
      for (let j = 0, at = i * nColumns; j < nColumns; j++, at++) {
        if (values[at]! > cuts[j]!) continue;
        sums[j]! += sum;
        weightsBelow[j]! += weight;
      }
    }
  }

  return (node) => {
    findRanges(node);
    drawCuts();
    addUp(node);
    let best: Split | null = null;
    let most = node.sum ** 2 / (node.weight + shrinkage) + LEAST_GAIN;
    for (let column = 0; column < nColumns; column++) {
      const [sum, weight] = [sums[column]!, weightsBelow[column]!];
      const restWeight = node.weight - weight;
      const parts = lowest[column]! < highest[column]!;
      if (!parts || weight < minWeight || restWeight < minWeight) continue;
      const rest = node.sum - sum;
      const gain = sum ** 2 / (weight + shrinkage) + rest ** 2 / (restWeight + shrinkage);
      if (gain <= most) continue;
      most = gain;
      best = { column, threshold: cuts[column]!, sum, weight };
    }
    return best;
  };
}
