import { CochleaError, errorFromCode, PoolError } from '../errors.js';

/** What a recording is called in messages; `path` only where it is a file. */
export interface SourceName {
  readonly text: string;
  readonly path?: string;
}

/** Runs `work` and puts the recording's name in front of whatever goes wrong in it. */
export function naming<T>(name: SourceName, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw named(name, error);
  }
}

/** The same of work that takes a while. */
export async function namingAsync<T>(name: SourceName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw named(name, error);
  }
}

/** The same error, with the recording's name in its message and its path in its details. */
function named(name: SourceName, error: unknown): unknown {
  if (!(error instanceof CochleaError) || error instanceof PoolError) return error;
  const where = name.path === undefined ? {} : { path: name.path };
  return errorFromCode(error.code, `${name.text}: ${error.message}`, { ...error.details, ...where });
}
