/** Numbers in [−1, 1) that are the same everywhere; as `noise_rows` in bench/native/aligned.cc. */
export function noiseRows(n: number): Float32Array {
  const rows = new Float32Array(n);
  let state = 1;
  for (let i = 0; i < n; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    rows[i] = (state >>> 8) / 8388608 - 1;
  }
  return rows;
}
