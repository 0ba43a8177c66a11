// The plain TypeScript network that kernel figures are measured against: frozen, never to be improved.
// @ts-nocheck frozen as it was measured
// biome-ignore-all lint: frozen as it was measured
// biome-ignore-all format: frozen as it was measured
// Hand-written TypeScript MLP: d -> H -> H -> 1, same tiling and Adam as the wasm kernel, scalar 4x2 register blocks.
type FA = Float32Array | Float64Array;
type Ctor = { new (n: number): FA };
export function makeJsMlp(A: Ctor, d: number, H1: number, H2: number, relu: boolean, lr: number, w0: Float32Array) {
  const TILE = 32, oB1 = d * H1, oW2 = oB1 + H1, oB2 = oW2 + H1 * H2, oW3 = oB2 + H2, oB3 = oW3 + H2, NP = oB3 + 1;
  const P = new A(NP), M = new A(NP), V = new A(NP), G = new A(NP), WT = new A(H1 * H2); P.set(w0);
  const x = new A(TILE * d), h1 = new A(TILE * H1), h2 = new A(TILE * H2), d1 = new A(TILE * H1), d2 = new A(TILE * H2), out = new A(TILE), yy = new A(TILE); let t = 0;
  function act(p: FA, n: number) {
    if (relu) { for (let i = 0; i < n; i++) { const v = p[i]; p[i] = v > 0 ? v : 0; } return; }
    for (let i = 0; i < n; i++) { let v = p[i]; if (v > 7.90531110763549805) v = 7.90531110763549805; else if (v < -7.90531110763549805) v = -7.90531110763549805;
      const s = v * v; p[i] = v * ((((((-2.76076847742355e-16 * s + 2.00018790482477e-13) * s - 8.60467152213735e-11) * s + 5.12229709037114e-08) * s + 1.48572235717979e-05) * s + 6.37261928875436e-04) * s + 4.89352455891786e-03) / (((1.19825839466702e-06 * s + 1.18534705686654e-04) * s + 2.26843463243900e-03) * s + 4.89352518554385e-03); }
  }
  // O[R][N] = bias(B at ob, or 0 when ob<0) + X[R][K] W[K][N] (W at ow)
  function gemm(X: FA, xo: number, R: number, K: number, W: FA, ow: number, N: number, ob: number, O: FA) {
    for (let r = 0; r < R; r += 4) for (let n = 0; n < N; n += 2) {
      let c00 = 0, c01 = 0; if (ob >= 0) { c00 = P[ob + n]; c01 = P[ob + n + 1]; }
      let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01; let a0 = xo + r * K, a1 = a0 + K, a2 = a1 + K, a3 = a2 + K, w = ow + n;
      for (let k = 0; k < K; k++) { const b0 = W[w], b1 = W[w + 1]; let a = X[a0++]; c00 += a * b0; c01 += a * b1; a = X[a1++]; c10 += a * b0; c11 += a * b1; a = X[a2++]; c20 += a * b0; c21 += a * b1; a = X[a3++]; c30 += a * b0; c31 += a * b1; w += N; }
      let o = r * N + n; O[o] = c00; O[o + 1] = c01; o += N; O[o] = c10; O[o + 1] = c11; o += N; O[o] = c20; O[o + 1] = c21; o += N; O[o] = c30; O[o + 1] = c31;
    }
  }
  function gemmTN(X: FA, ldx: number, R: number, K: number, D: FA, N: number, g: number, add: boolean) {
    for (let k = 0; k < K; k += 2) for (let n = 0; n < N; n += 4) {
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0, a = k, w = n;
      for (let r = 0; r < R; r++) { const a0 = X[a], a1 = X[a + 1], b0 = D[w], b1 = D[w + 1], b2 = D[w + 2], b3 = D[w + 3]; c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3; c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3; a += ldx; w += N; }
      let o = g + k * N + n; if (add) { G[o] += c00; G[o + 1] += c01; G[o + 2] += c02; G[o + 3] += c03; o += N; G[o] += c10; G[o + 1] += c11; G[o + 2] += c12; G[o + 3] += c13; }
      else { G[o] = c00; G[o + 1] = c01; G[o + 2] = c02; G[o + 3] = c03; o += N; G[o] = c10; G[o + 1] = c11; G[o + 2] = c12; G[o + 3] = c13; }
    }
  }
  function fwd(X: FA, xo: number, R: number) { gemm(X, xo, R, d, P, 0, H1, 0 + oB1, h1); act(h1, R * H1); gemm(h1, 0, R, H1, P, oW2, H2, oB2, h2); act(h2, R * H2); 
    for (let r = 0; r < R; r++) { let s = P[oB3]; const h = r * H2; for (let j = 0; j < H2; j++) s += h2[h + j] * P[oW3 + j]; out[r] = s; } }
  function train(X: FA, y: FA, idx: Int32Array, i0: number, i1: number, B: number): number {
    let sse = 0;
    for (let s0 = i0; s0 < i1; s0 += B) {
      const cnt = Math.min(B, i1 - s0), sc = 2 / cnt;
      for (let i = 0; i < H1; i++) for (let j = 0; j < H2; j++) WT[j * H1 + i] = P[oW2 + i * H2 + j];
      for (let s = 0; s < cnt; s += TILE) {
        const add = s > 0, m = Math.min(TILE, cnt - s), R = (m + 3) & ~3;
        for (let r = 0; r < R; r++) { const id = idx[s0 + s + (r < m ? r : m - 1)]; const q = id * d, p = r * d; for (let k = 0; k < d; k++) x[p + k] = X[q + k]; yy[r] = y[id]; }
        fwd(x, 0, R);
        let sb = 0; for (let r = 0; r < R; r++) { let e = r < m ? out[r] - yy[r] : 0; sse += e * e; e *= sc; out[r] = e; sb += e; } G[oB3] = add ? G[oB3] + sb : sb;
        for (let j = 0; j < H2; j++) { let g = 0, b = 0; const w = P[oW3 + j]; for (let r = 0, p = j; r < R; r++, p += H2) { const h = h2[p], e = out[r]; g += e * h; const u = relu ? (h > 0 ? e * w : 0) : e * w * (1 - h * h); b += u; d2[p] = u; } if (add) { G[oW3 + j] += g; G[oB2 + j] += b; } else { G[oW3 + j] = g; G[oB2 + j] = b; } }
        gemmTN(h1, H1, R, H1, d2, H2, oW2, add);
        gemm(d2, 0, R, H2, WT, 0, H1, -1, d1);
        if (relu) { for (let i = 0, e = R * H1; i < e; i++) if (!(h1[i] > 0)) d1[i] = 0; } else for (let i = 0, e = R * H1; i < e; i++) { const h = h1[i]; d1[i] *= 1 - h * h; }
        gemmTN(x, d, R, d, d1, H1, 0, add);
        for (let j = 0; j < H1; j++) { let b = 0; for (let r = 0, p = j; r < R; r++, p += H1) b += d1[p]; if (add) G[oB1 + j] += b; else G[oB1 + j] = b; }
      }
      t++; const c1 = lr / (1 - Math.pow(0.9, t)), rs = 1 / Math.sqrt(1 - Math.pow(0.999, t));
      for (let i = 0; i < NP; i++) { const g = G[i], m = M[i] + 0.1 * (g - M[i]), v = V[i] + 0.001 * (g * g - V[i]); M[i] = m; V[i] = v; P[i] -= c1 * m / (Math.sqrt(v) * rs + 1e-7); }
    }
    return sse;
  }
  function predict(X: FA, N: number, o: FA) { for (let s = 0; s < N; s += TILE) { const m = Math.min(TILE, N - s); fwd(X, s * d, (m + 3) & ~3); for (let r = 0; r < m; r++) o[s + r] = out[r]; } }
  return { train, predict, P };
}
