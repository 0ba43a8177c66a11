/**
 * Operators that give a column's place among its knots. Each stretch between two knots, and each of
 * the two beyond the end knots up to ±6, gives the share of it that lies below the value. The place
 * is −6 plus each share times the width of its stretch in ranks.
 */
import { CLIP, RANK_BOUND } from "../data/index.ts";
import { doubles, type GraphBuilder, type Value } from "./graph.ts";

/** @param x - 64-bit, none missing, shape (rows, 1). @returns 64-bit, shape (rows, 1). */
export function ranksGraph(
  graph: GraphBuilder,
  { knots, scale }: { readonly knots: readonly number[]; readonly scale: number },
  x: Value,
): Value {
  const beyond = CLIP - RANK_BOUND;
  const last = knots.length - 1;
  const stretches = [
    { from: knots[0]! - beyond * scale, width: beyond * scale, ranks: beyond },
    ...knots.slice(1).map((to, q) => {
      return { from: knots[q]!, width: to - knots[q]!, ranks: (2 * RANK_BOUND) / last };
    }),
    { from: knots[last]!, width: beyond * scale, ranks: beyond },
  ];
  const row = (pick: (stretch: (typeof stretches)[number]) => number): Value => {
    return graph.constant(doubles(stretches.map(pick), [1, stretches.length]));
  };
  const [zero, one] = [0, 1].map((bound) => graph.constant(doubles([bound], [])));
  const above = graph.apply("Sub", [x, row(({ from }) => from)]);
  const shares = graph.apply("Div", [above, row(({ width }) => width)]);
  const inside = graph.apply("Clip", [shares, zero!, one!]);
  const ranks = graph.constant(
    doubles(
      stretches.map((stretch) => stretch.ranks),
      [stretches.length, 1],
    ),
  );
  return graph.apply("Gemm", [inside, ranks, graph.constant(doubles([-CLIP], [1]))]);
}
