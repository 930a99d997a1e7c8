export { type FrontEndOptions, frontEndToOnnx } from './front-end-model.js';
export { type Whole, WholeNumbers } from './whole.js';
export { writeFrontEnd, writePeakNormalised } from './write-front-end.js';
