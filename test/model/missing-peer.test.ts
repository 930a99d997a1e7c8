import { expect, it, vi } from 'vitest';

vi.mock('node:module', async (original) => ({
  ...(await original<typeof import('node:module')>()),
  createRequire: () => (name: string) => {
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  },
}));

it('says what to install where the peer dependency is missing', async () => {
  const { loadTf, sequenceLstm } = await import('../../src/model/index.js');
  const missing = expect.objectContaining({
    code: 'ERR_ENGINE',
    message: '@tensorflow/tfjs must be installed for models and training: npm install @tensorflow/tfjs@4.22',
  });
  expect(() => loadTf()).toThrow(missing);
  expect(() => sequenceLstm()).toThrow(missing);
});
