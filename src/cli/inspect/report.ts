import type { Facts } from '../format.js';

/** What `inspect` found: for programs, and in a few lines for people. */
export interface Inspection {
  readonly kind: 'recording' | 'features' | 'run' | 'bundle' | 'model' | 'spec' | 'table' | 'recordings';
  /** All of it, for `--json`. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly facts: Facts;
  /** Charts and images of it, by the name of their file: what `--plot` draws where there are no models. */
  readonly pictures?: () => Promise<ReadonlyMap<string, string | Uint8Array>>;
  /** Models among it, by the name of their file: what `--plot` draws. */
  readonly models?: () => Promise<ReadonlyMap<string, Uint8Array>>;
}
