export { type CheckOptions, checkModel, type ModelCheck } from './check-model.js';
export type { OutputDifference } from './differences.js';
export type { NamedArray, NamedArrays, Predict } from './runner.js';
