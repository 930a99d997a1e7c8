/** Recurrent layers behind a mask, with gaps at any place, whole sequences of gaps, and none. */
import { type ConformanceCase, functional, L, stack } from './case.js';

const KINDS = ['lstm', 'gru', 'simpleRNN'] as const;
const GAP = -0.5;

function behindMasking(): ConformanceCase[] {
  const masking = () => L.masking({ maskValue: GAP });
  return KINDS.flatMap((kind) =>
    [false, true].flatMap((returnSequences) => [
      ...[false, true].map((goBackwards) =>
        stack(
          `masked ${kind}${returnSequences ? ' sequences' : ''}${goBackwards ? ' backwards' : ''}`,
          [7, 3],
          () => [masking(), L[kind]({ units: 4, returnSequences, goBackwards })],
          { gap: GAP },
        ),
      ),
      ...(['concat', 'sum', 'ave', 'mul'] as const).map((mergeMode) =>
        stack(
          `masked bidirectional ${kind} ${mergeMode}${returnSequences ? ' sequences' : ''}`,
          [7, 3],
          () => [masking(), L.bidirectional({ layer: L[kind]({ units: 4, returnSequences }), mergeMode })],
          { gap: GAP },
        ),
      ),
    ]),
  );
}

export function maskCases(): ConformanceCase[] {
  return [
    ...behindMasking(),
    stack('masking', [6, 2], () => [L.masking({ maskValue: 0.25 }), L.dense({ units: 3 })], { gap: 0.25 }),
    stack(
      'masked recurrence of open length, without bias',
      [null, 3],
      () => [L.masking({ maskValue: GAP }), L.lstm({ units: 4, useBias: false, returnSequences: true })],
      { gap: GAP },
    ),
    stack(
      'masked dense, recurrence',
      [7, 3],
      () => [L.masking({ maskValue: GAP }), L.dense({ units: 5, activation: 'tanh' }), L.gru({ units: 4 })],
      { gap: GAP },
    ),
    stack(
      'embedding with a mask, recurrence',
      [7],
      () => [L.embedding({ inputDim: 3, outputDim: 4, maskZero: true }), L.lstm({ units: 4 })],
      { below: 3 },
    ),
    functional('masked recurrence with its states', [{ shape: [7, 3], gap: GAP }], (x) => {
      const masked = L.masking({ maskValue: GAP }).apply(x) as typeof x;
      return L.lstm({ units: 4, returnSequences: true, returnState: true }).apply(masked) as (typeof x)[];
    }),
  ];
}
