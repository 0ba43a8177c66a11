// The peer "plain": the frozen TypeScript network in 64 bits, compiled here since Node 20 does
// not run TypeScript. See serve.mjs for the protocol.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { serve } from "./serve.mjs";

await serve(async ({ sizes, learningRate, X, y, parameters }) => {
  const source = readFileSync(new URL("./frozen-mlp.ts", import.meta.url), "utf8");
  const compilerOptions = { target: "es2023", module: "esnext" };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  const code = `data:text/javascript;base64,${Buffer.from(outputText).toString("base64")}`;
  const { makeJsMlp } = await import(code);
  const [nFeatures, first, second] = sizes;
  // Its tiles read up to three rows beyond the last.
  const rows = new Float64Array(X.length + 4 * nFeatures);
  rows.set(X);
  const targets = Float64Array.from(y);
  return {
    versions: { node: process.version },
    styles: {
      float64(batch) {
        const net = makeJsMlp(
          Float64Array,
          nFeatures,
          first,
          second,
          false,
          learningRate,
          parameters,
        );
        const outputs = new Float64Array(y.length);
        return {
          epoch: (order) => net.train(rows, targets, order, 0, order.length, batch),
          mse() {
            net.predict(rows, y.length, outputs);
            return outputs.reduce((sum, output, i) => sum + (output - y[i]) ** 2, 0) / y.length;
          },
        };
      },
    },
  };
});
