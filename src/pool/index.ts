/** Work on other threads: Piscina, with errors that keep their class, progress notes and abort. */
export { answer, revive } from './envelope.js';
export { createPool, type PoolOptions, type RunOptions, type WorkerPool } from './pool.js';
export { workerUrl } from './worker-url.js';
