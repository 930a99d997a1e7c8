import { type ConformanceCase, L, randomiseWeights, stack, tf } from './case.js';

const RECURRENT_ACTIVATIONS = ['relu', 'elu', 'linear', 'softsign', 'softplus', 'hardSigmoid'] as const;

/** ONNX's recurrent operators do not have these. */
const SCANNED_ACTIVATIONS = ['selu', 'swish', 'softmax', 'gelu'] as const;

export function recurrentCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  for (const kind of ['lstm', 'gru', 'simpleRNN'] as const) {
    for (const returnSequences of [false, true]) {
      for (const goBackwards of [false, true]) {
        for (const recurrentActivation of ['sigmoid', 'hardSigmoid'] as const) {
          const options = { units: 5, returnSequences, goBackwards, recurrentActivation };
          const name = `${kind} ${recurrentActivation}${returnSequences ? ' sequences' : ''}${goBackwards ? ' backwards' : ''}`;
          cases.push(stack(name, [11, 3], () => [L[kind](options)]));
        }
      }
    }
    for (const activation of RECURRENT_ACTIVATIONS) {
      cases.push(stack(`${kind} ${activation}`, [6, 2], () => [L[kind]({ units: 4, activation })]));
    }
    for (const activation of SCANNED_ACTIVATIONS) {
      // Gates without a bound make states that grow from step to step.
      const recurrentActivation = activation === 'softmax' ? activation : 'sigmoid';
      const inner = { units: 4, activation, recurrentActivation, returnSequences: true } as const;
      cases.push(stack(`${kind} ${activation}`, [6, 2], () => [L[kind]({ ...inner, goBackwards: true })]));
      cases.push(
        stack(`bidirectional ${kind} ${activation}`, [6, 2], () => [
          L.bidirectional({ layer: L[kind]({ ...inner, returnSequences: false }), mergeMode: 'sum' }),
        ]),
      );
      const masked = () => [L.masking({ maskValue: -0.5 }), L[kind]({ ...inner, useBias: false })];
      cases.push(stack(`masked ${kind} ${activation}`, [null, 2], masked, { gap: -0.5 }));
    }
    cases.push(stack(`${kind} without bias`, [6, 2], () => [L[kind]({ units: 4, useBias: false })]));
    cases.push(
      stack(`${kind} of open length`, [null, 2], () => [
        L[kind]({ units: 4, returnSequences: true }),
        L.timeDistributed({ layer: L.dense({ units: 1, activation: 'sigmoid' }) }),
      ]),
    );
    for (const mergeMode of ['concat', 'sum', 'ave', 'mul'] as const) {
      for (const returnSequences of [false, true]) {
        const name = `bidirectional ${kind} ${mergeMode}${returnSequences ? ' sequences' : ''}`;
        const inner = { units: 4, returnSequences, recurrentActivation: 'hardSigmoid' as const };
        cases.push(stack(name, [7, 3], () => [L.bidirectional({ layer: L[kind](inner), mergeMode })]));
      }
    }
    cases.push(
      stack(`two bidirectional ${kind}`, [7, 3], () => [
        L.bidirectional({ layer: L[kind]({ units: 3, returnSequences: true }), mergeMode: 'concat' }),
        L.bidirectional({ layer: L[kind]({ units: 3 }), mergeMode: 'concat' }),
        L.dense({ units: 2, activation: 'softmax' }),
      ]),
    );
  }
  return cases;
}

export function givenStateCases(): ConformanceCase[] {
  return (['lstm', 'gru'] as const).flatMap((kind) =>
    [false, true].map((useBias) => ({
      name: `${kind} that begins with a state${useBias ? '' : ', without bias'}`,
      inputs: [{ shape: [7, 3] }],
      build: () => {
        const input = tf.input({ shape: [7, 3], name: 'input' });
        const read = L.gru({ units: 2 }).apply(input) as typeof input;
        const initialState = Array.from(
          { length: kind === 'lstm' ? 2 : 1 },
          () => L.dense({ units: 4, activation: 'tanh' }).apply(read) as typeof input,
        );
        const layer = L[kind]({ units: 4, useBias, returnSequences: true });
        const output = layer.apply(input, { initialState }) as typeof input;
        return randomiseWeights(tf.model({ inputs: input, outputs: output }), 9);
      },
    })),
  );
}
