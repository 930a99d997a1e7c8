/** Versions of ONNX's operators that are written. */
import { mustBe, ParameterError } from '../errors.js';

/** From the first on, `Squeeze` and `ReduceSum` take their axes as inputs; the last is the newest of onnxruntime 1.30. */
export const OPSETS = { first: 13, usual: 17, last: 26 } as const;

/** @throws ParameterError `ERR_OPTION` for another one */
export function checkedOpset(opset: number = OPSETS.usual): number {
  if (Number.isInteger(opset) && opset >= OPSETS.first && opset <= OPSETS.last) return opset;
  throw new ParameterError('ERR_OPTION', mustBe('opset', `${OPSETS.first} to ${OPSETS.last}`, opset));
}
