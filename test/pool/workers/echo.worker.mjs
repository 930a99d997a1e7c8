// A worker for the pool's own tests; built on dist/ as every worker is.
import { ParameterError } from '../../../dist/errors.js';
import { answer } from '../../../dist/pool/index.js';

export default answer(async ({ kind, value }, note) => {
  switch (kind) {
    case 'echo':
      return value;
    case 'note':
      for (let i = 0; i < value; i++) note(i);
      // Notes and results travel on two ports; waiting lets the notes arrive first.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return value;
    case 'wait':
      return new Promise((resolve) => setTimeout(resolve, value, value));
    case 'coded':
      throw new ParameterError('ERR_HOP_LENGTH', 'hopLength must be a positive whole number, got 0', { hopLength: 0 });
    case 'plain':
      throw new TypeError('not a function');
    case 'exit':
      process.exit(3);
      break;
    default:
      throw new Error(`unknown kind ${kind}`);
  }
});
