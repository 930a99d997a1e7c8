/** States that recurrent layers return, are given, and hand on. */
import type { SymbolicTensor } from '../../../src/model/index.js';
import { type ConformanceCase, functional, L } from './case.js';

const KINDS = ['lstm', 'gru', 'simpleRNN'] as const;

export function stateCases(): ConformanceCase[] {
  return KINDS.flatMap((kind) => {
    const nStates = kind === 'lstm' ? 2 : 1;
    const states = Array.from({ length: nStates }, () => ({ shape: [4] }));
    const sequence = { shape: [7, 3] };
    return [
      ...[false, true].map((returnSequences) =>
        functional(
          `${kind} and its states${returnSequences ? ', sequences' : ''}`,
          [sequence],
          (x) => L[kind]({ units: 4, returnState: true, returnSequences }).apply(x) as SymbolicTensor[],
        ),
      ),
      ...[false, true].map((goBackwards) =>
        functional(
          `${kind} from states given${goBackwards ? ', backwards' : ''}`,
          [sequence, ...states],
          (x, ...initialState) =>
            L[kind]({ units: 4, returnSequences: true, goBackwards }).apply(x!, { initialState }) as SymbolicTensor,
        ),
      ),
      functional(`${kind} encoder, ${kind} decoder`, [{ shape: [null, 3] }, { shape: [5, 2] }], (x, y) => {
        const encoder = L[kind]({ units: 4, returnState: true });
        const [, ...initialState] = encoder.apply(x!) as SymbolicTensor[];
        const decoder = L[kind]({ units: 4, returnSequences: true });
        const decoded = decoder.apply(y!, { initialState }) as SymbolicTensor;
        return L.timeDistributed({ layer: L.dense({ units: 2, activation: 'softmax' }) }).apply(
          decoded,
        ) as SymbolicTensor;
      }),
      functional(
        `bidirectional ${kind} apart`,
        [sequence],
        (x) =>
          L.bidirectional({ layer: L[kind]({ units: 4, returnSequences: true }), mergeMode: null as never }).apply(
            x,
          ) as SymbolicTensor[],
      ),
      functional(
        `bidirectional ${kind} last steps apart`,
        [sequence],
        (x) => L.bidirectional({ layer: L[kind]({ units: 4 }), mergeMode: null as never }).apply(x) as SymbolicTensor[],
      ),
      functional(
        `bidirectional ${kind} and its states`,
        [sequence],
        (x) =>
          L.bidirectional({ layer: L[kind]({ units: 4, returnState: true }), mergeMode: 'concat' }).apply(
            x,
          ) as SymbolicTensor[],
      ),
    ];
  });
}
