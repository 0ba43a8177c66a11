/**
 * One step of Adam with decoupled weight decay and clipping by the gradient's global norm, as
 * ../../experts/engine.ts states it. Rates and bias corrections arrive ready in a Step.
 *
 * Source: Kingma & Ba 2015, Loshchilov & Hutter 2019, Pascanu et al. 2013.
 */
import { Layer, layerAt, Net, Step } from "./structs.ts";
import { madd, splat } from "./vector.ts";

/** 1 − β₁ and 1 − β₂. */
const TOWARDS_FIRST: f32 = 0.1;
const TOWARDS_SECOND: f32 = 0.001;
const EPSILON: f32 = 1e-8;
/**
 * Smaller moments become 0. They are nothing beside EPSILON, and the moments of a dead unit would
 * otherwise shrink to denormal numbers, with which some CPUs compute a hundred times slower.
 */
const TINY: f32 = 1e-30;

/** Moves the parameters against the gradient. Modifies parameters and moments. */
export function adamStep(net: Net, step: Step): void {
  const scale = clipScale(net, step.clipNorm);
  for (let l = 0; l < net.nLayers; l++) {
    const layer = layerAt(net, l);
    move(net, layer.weights, layer.biases, step, scale, step.decay);
    move(net, layer.biases, layer.end, step, scale, 0);
  }
}

/** What the gradient is multiplied by so that its norm is at most `most`. */
function clipScale(net: Net, most: f32): f32 {
  if (most == Infinity) return 1;
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let g = net.gradients;
  const end = g + net.parameterBytes;
  do {
    s0 = addSquares(s0, g);
    s1 = addSquares(s1, g + 8);
    s2 = addSquares(s2, g + 16);
    s3 = addSquares(s3, g + 24);
    g += 32;
  } while (g < end);
  const sums = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  const norm = sqrt<f64>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1));
  return norm > <f64>most ? <f32>(<f64>most / norm) : 1;
}

@inline
function addSquares(sums: v128, g: usize): v128 {
  const a = f64x2.promote_low_f32x4(v128.load64_zero(g));
  return f64x2.add(sums, f64x2.mul(a, a));
}

/** Moves the parameters at addresses from `p` up to `end`. */
@inline
function move(net: Net, p: usize, end: usize, step: Step, scale: f32, decay: f32): void {
  const toGradient = net.gradients - net.parameters;
  const toFirst = net.first - net.parameters;
  const toSecond = net.second - net.parameters;
  const s = splat(scale);
  const rate = splat(step.rate);
  const rootScale = splat(step.rootScale);
  const decays = splat(decay);
  const tiny = splat(TINY);
  do {
    const g = f32x4.mul(v128.load(p + toGradient), s);
    const m0 = v128.load(p + toFirst);
    const v0 = v128.load(p + toSecond);
    let m = madd(f32x4.sub(g, m0), splat(TOWARDS_FIRST), m0);
    let v = madd(f32x4.sub(f32x4.mul(g, g), v0), splat(TOWARDS_SECOND), v0);
    m = v128.andnot(m, f32x4.lt(f32x4.abs(m), tiny));
    v = v128.andnot(v, f32x4.lt(v, tiny));
    v128.store(p + toFirst, m);
    v128.store(p + toSecond, v);
    const root = madd(f32x4.sqrt(v), rootScale, splat(EPSILON));
    const old = v128.load(p);
    const change = madd(decays, old, f32x4.div(f32x4.mul(rate, m), root));
    v128.store(p, f32x4.sub(old, change));
    p += 16;
  } while (p < end);
}
