/** The discrete Fourier transform in place, of sizes that are powers of two (Cooley & Tukey). */

/** Modifies both parts. */
export function transform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  reorder(real);
  reorder(imaginary);
  const cosines = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sines = Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n));
  for (let width = 2; width <= n; width *= 2) {
    const half = width / 2;
    const stride = n / width;
    for (let start = 0; start < n; start += width) {
      for (let k = 0; k < half; k++) {
        const [c, s] = [cosines[k * stride]!, sines[k * stride]!];
        const [a, b] = [start + k, start + k + half];
        const re = real[b]! * c - imaginary[b]! * s;
        const im = real[b]! * s + imaginary[b]! * c;
        real[b] = real[a]! - re;
        imaginary[b] = imaginary[a]! - im;
        real[a]! += re;
        imaginary[a]! += im;
      }
    }
  }
}

/** Into the order of the bits read backwards. Modifies `values`. */
function reorder(values: Float64Array): void {
  const n = values.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const held = values[i]!;
    values[i] = values[j]!;
    values[j] = held;
  }
}
