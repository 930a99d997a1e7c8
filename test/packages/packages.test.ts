import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { libraryVersion, packageVersion } from '../../src/packages.js';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

it('is the one of package.json, for the library and for what it uses', () => {
  expect(libraryVersion()).toBe(manifest.version);
  expect(packageVersion('@tensorflow/tfjs')).toMatch(/^4\.22\./);
});

it('says which package is absent', () => {
  expect(() => packageVersion('no-such-package')).toThrow(expect.objectContaining({ code: 'MODULE_NOT_FOUND' }));
});
