// The peer "tfjs": TensorFlow.js on the CPU, `node tfjs.mjs cpu`, `wasm` or `node`; the last is
// @tensorflow/tfjs-node-gpu itself, if test/tfjs-node/build.mjs has built it. See serve.mjs for the
// protocol.
//
// The forward and backward pass are written out, since core comes without gradients, and so save
// what variableGrads spends on its tape. Styles: "train.adam" leaves the rest to the library's
// optimizer, one variable after the other; "flat" holds all parameters in one tensor and has Adam
// written out too, a third of the operations; "stacked" is "flat" for 8 nets at once along a leading
// axis, each with different rows. Figures are taken against the fastest.
import { pathToFileURL } from "node:url";
import { findTfjsNode } from "../../test/tfjs-node/build.mjs";
import { serve } from "./serve.mjs";

const N_STACKED = 8;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** The library, once the workload is there. */
let tf;

async function load(name) {
  if (name === "node") {
    const built = findTfjsNode();
    if (built === null)
      throw new Error("tfjs-node-gpu is not built: node test/tfjs-node/build.mjs");
    return (await import(pathToFileURL(built).href)).default;
  }
  if (name === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  else await import("@tensorflow/tfjs-backend-cpu");
  return import("@tensorflow/tfjs-core");
}

await serve(async (workload) => {
  const name = process.argv[2];
  tf = await load(name);
  const backend = name === "node" ? "tensorflow" : name;
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs must have the backend ${backend}`);
  await tf.ready();
  const { nRows, sizes, X, y } = workload;
  const data = { X: tf.tensor2d(X, [nRows, sizes[0]]), y: tf.tensor2d(y, [nRows, 1]) };
  return {
    versions:
      name === "node"
        ? { "tfjs-node-gpu": tf.version["tfjs-node"], tensorflow: tf.backend().binding.TF_Version }
        : { tfjs: tf.version_core },
    styles: {
      "train.adam": (batch) => createNet(workload, data, batch),
      flat: (batch) => createNets(workload, data, batch, 1),
      // On the backend "cpu" stacked nets take longer than one after the other.
      ...(backend !== "cpu"
        ? { stacked: (batch) => createNets(workload, data, batch, N_STACKED) }
        : {}),
    },
  };
});

/** Weights and biases by turns, as [start, length, shape] of the flat parameters. */
function layout(sizes) {
  let start = 0;
  return sizes.slice(1).flatMap((outputs, l) =>
    [[sizes[l], outputs], [outputs]].map((shape) => {
      const length = shape.reduce((a, b) => a * b);
      start += length;
      return [start - length, length, shape];
    }),
  );
}

/** From rows to the two hidden layers and the output. The last weights have two dimensions or three. */
function forward(x, [w1, b1, w2, b2, w3, b3]) {
  const layer = (a, w, b) =>
    w.rank === 2 ? tf.fused.matMul({ a, b: w, bias: b }) : tf.add(tf.matMul(a, w), b);
  const h1 = tf.tanh(layer(x, w1, b1));
  const h2 = tf.tanh(layer(h1, w2, b2));
  return [h1, h2, layer(h2, w3, b3)];
}

/** Gradients of the mean squared error, weights and biases by turns. */
function gradients(x, t, parameters, nRows) {
  const [, , w2, , w3] = parameters;
  const [h1, h2, output] = forward(x, parameters);
  const throughTanh = (gradient, h) => tf.mul(gradient, tf.sub(1, tf.square(h)));
  const e = tf.mul(tf.sub(output, t), 2 / nRows);
  const d2 = throughTanh(tf.matMul(e, w3, false, true), h2);
  const d1 = throughTanh(tf.matMul(d2, w2, false, true), h1);
  const pairs = [
    [x, d1],
    [h1, d2],
    [h2, e],
  ];
  return pairs.flatMap(([input, delta]) => [
    tf.matMul(input, delta, true, false),
    tf.sum(delta, -2),
  ]);
}

/** One net of variables, with the library's optimizer. */
function createNet({ sizes, learningRate, parameters }, { X, y }, batch) {
  const variables = layout(sizes).map(([start, length, shape]) =>
    tf.variable(tf.tensor(parameters.subarray(start, start + length), shape)),
  );
  const optimizer = tf.train.adam(learningRate, BETA1, BETA2, EPSILON);
  const takeStep = (rows) => {
    const chosen = tf.tensor1d(rows, "int32");
    const parts = gradients(tf.gather(X, chosen), tf.gather(y, chosen), variables, rows.length);
    optimizer.applyGradients(variables.map(({ name }, p) => ({ name, tensor: parts[p] })));
  };
  return {
    epoch(order) {
      for (let start = 0; start < order.length; start += batch) {
        tf.tidy(() => takeStep(order.subarray(start, start + batch)));
      }
    },
    mse: () => tf.tidy(() => tf.mean(tf.square(tf.sub(forward(X, variables)[2], y))).dataSync()[0]),
  };
}

/** `count` equal nets, one beside the other: tensors have a leading axis unless count is 1. */
function createNets({ sizes, learningRate, parameters }, { X, y }, batch, count) {
  const places = layout(sizes);
  const size = parameters.length;
  const lead = count === 1 ? [] : [count];
  const copies = new Float32Array(count * size);
  for (let k = 0; k < count; k++) copies.set(parameters, k * size);
  let flat = tf.tensor(copies, [...lead, size]);
  let [first, second] = [tf.zeros(flat.shape), tf.zeros(flat.shape)];
  let step = 0;

  const parametersOf = (vector) =>
    places.map(([start, length, shape]) => {
      const part = tf.slice(vector, [...lead.map(() => 0), start], [...lead, length]);
      // A single net's bias stays as it was sliced: the fused product of the wasm backend looks at
      // the shape that the data had first.
      if (shape.length === 1) return count === 1 ? part : tf.reshape(part, [count, 1, length]);
      return tf.reshape(part, [...lead, ...shape]);
    });
  const gradientOf = (x, t, own, nRows) =>
    tf.concat(
      gradients(x, t, own, nRows).map((part) => tf.reshape(part, [...lead, -1])),
      lead.length,
    );
  const adam = (g) => {
    step += 1;
    const m = tf.add(tf.mul(first, BETA1), tf.mul(g, 1 - BETA1));
    const v = tf.add(tf.mul(second, BETA2), tf.mul(tf.square(g), 1 - BETA2));
    const rate = learningRate / (1 - BETA1 ** step);
    const root = tf.add(tf.mul(tf.sqrt(v), 1 / Math.sqrt(1 - BETA2 ** step)), EPSILON);
    return [tf.sub(flat, tf.mul(tf.div(m, root), rate)), m, v];
  };
  // Net k sees the same rows as net 0, a shift further on: different rows in every batch.
  const rowsFrom = (order, start, nRows) => {
    const rows = new Int32Array(count * nRows);
    for (let k = 0; k < count; k++) {
      for (let b = 0; b < nRows; b++) {
        rows[k * nRows + b] = order[(start + b + k * batch) % order.length];
      }
    }
    return tf.tensor1d(rows, "int32");
  };
  const takeStep = (order, start) => {
    const nRows = Math.min(batch, order.length - start);
    const rows = rowsFrom(order, start, nRows);
    const x = tf.reshape(tf.gather(X, rows), [...lead, nRows, sizes[0]]);
    const t = tf.reshape(tf.gather(y, rows), [...lead, nRows, 1]);
    return adam(gradientOf(x, t, parametersOf(flat), nRows));
  };
  return {
    epoch(order) {
      for (let start = 0; start < order.length; start += batch) {
        const next = tf.tidy(() => takeStep(order, start));
        tf.dispose([flat, first, second]);
        [flat, first, second] = next;
      }
    },
    mse: () =>
      tf.tidy(() => {
        const x = count === 1 ? X : tf.tile(tf.expandDims(X), [count, 1, 1]);
        const output = forward(x, parametersOf(flat))[2];
        return tf.mean(tf.square(tf.sub(output, y))).dataSync()[0];
      }),
  };
}
