export { hasShapeRule, type InferredValue, inferShapes } from './infer-shapes.js';
