/** A contestant as `bench/peers/protocol.mjs` serves it. */
export interface Timed {
  readonly case: string;
  readonly name: string;
  /** Steps in one run. */
  readonly work: number;
  readonly run: () => void | Promise<void>;
  /** Losses of the first steps, without dropout. */
  readonly result: () => Float32Array | Promise<Float32Array>;
}

/** Who serves, as `PeerProcess` asks for it. */
export interface Roster {
  readonly versions: Readonly<Record<string, string>>;
  readonly contestants: readonly Timed[];
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
}

/** Makes it when it is first asked for, as models of all contestants together take long. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
