/** What computes a run. */
export const ENGINES = ['auto', 'tensorflow', 'native', 'wasm', 'cpu'] as const;
export type EngineOption = (typeof ENGINES)[number];
export type EngineName = Exclude<EngineOption, 'auto'>;

export interface EngineChoice {
  readonly name: EngineName;
  /** Why this one, for people. */
  readonly why: string;
}

export interface Engine extends EngineChoice {
  readonly usesGpu: boolean;
  /** Makes it tfjs's active backend, at once; to be called in the same turn as the work, as tfjs has one for all. */
  activate(): void;
}
