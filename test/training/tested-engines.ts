/** The engines that the suite runs on: `COCHLEA_ENGINE=tensorflow` (`npm run test:tensorflow`) adds one that is not always there. */
import type { EngineName } from '../../src/training/index.js';

const hasTensorflow = process.env.COCHLEA_ENGINE === 'tensorflow';

export const TFJS_ENGINES: readonly EngineName[] = ['wasm', 'cpu', ...(hasTensorflow ? (['tensorflow'] as const) : [])];
export const TESTED_ENGINES: readonly EngineName[] = ['native', ...TFJS_ENGINES];
/** Where one engine of tfjs stands for all. */
export const TFJS_ENGINE: EngineName = hasTensorflow ? 'tensorflow' : 'cpu';
