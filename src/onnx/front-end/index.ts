export { type FrontEndOptions, frontEndToOnnx } from './front-end-model.js';
export { type Whole, WholeNumbers } from './whole.js';
export { type Features, writeFrontEnd, writePeakNormalised } from './write-front-end.js';
