/** Sinks on a disk that fails at one call after the other. */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createSink, publishFiles, SHARD_FORMATS, type ShardFormat, type ShardSink } from '../../src/shards/index.js';
import { temporaryFolder } from '../corpus/wav.js';
import { rowOf } from './rows.js';

const disk = vi.hoisted(() => {
  const state = { call: '', at: 0, calls: 0 };
  return {
    state,
    failing<A extends unknown[], R>(name: string, work: (...args: A) => R): (...args: A) => R {
      return (...args) => {
        const isMeant = state.call === name && (name !== 'openSync' || args[1] === 'wx');
        if (isMeant && state.calls++ === state.at)
          throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), { code: 'ENOSPC', syscall: name });
        return work(...args);
      };
    },
  };
});

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const { openSync, writevSync, writeSync } = fs;
  return {
    ...fs,
    openSync: disk.failing('openSync', openSync),
    writevSync: disk.failing('writevSync', writevSync),
    writeSync: disk.failing('writeSync', writeSync),
  };
});

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    rename: disk.failing('rename', fs.rename),
    open: async (...args: Parameters<typeof fs.open>) => {
      const file = await fs.open(...args);
      return Object.assign(file, { sync: disk.failing('sync', file.sync.bind(file)) });
    },
  };
});

/** Files of a folder that this process has open; nothing where the system does not say. */
function openIn(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // The one that listed them.
    }
  });
}

function fill(sink: ShardSink, long: string): void {
  sink.reserve(6).fill(1);
  sink.commit(rowOf('a'), 6);
  sink.addFile(rowOf('b'), long, 300);
  sink.reserve(9).fill(2);
  sink.commit(rowOf('c'), 9);
}

/** @returns what went wrong; `null` where nothing did */
async function failureAt(folder: string, format: ShardFormat, long: string): Promise<unknown> {
  const o = { folder, name: 'shard-00000', width: 3, frameShape: [3], metadata: new Map([['k', 'v']]) };
  let sink: ShardSink | null = null;
  try {
    sink = await createSink({ ...o, format, compression: 'none' });
    fill(sink, long);
    await publishFiles(folder, sink.finish());
    return null;
  } catch (error) {
    sink?.abandon();
    return error;
  }
}

describe.each(SHARD_FORMATS)('%s', (format) => {
  it.each(['openSync', 'writevSync', 'writeSync', 'sync', 'rename'])(
    'leaves nothing unfinished and nothing open when %s fails, whichever call of it',
    async (call) => {
      const out = await temporaryFolder();
      const long = join(await temporaryFolder(), 'long.bin');
      writeFileSync(long, new Uint8Array(new Float32Array(300).buffer));
      let failures = 0;
      for (let at = 0; ; at += 1) {
        Object.assign(disk.state, { call, at, calls: 0 });
        const failure = await failureAt(out, format, long);
        disk.state.call = '';
        if (failure === null) break;
        failures += 1;
        expect(failure).toMatchObject({ code: 'ERR_WRITE', message: expect.stringContaining('shard-00000') });
        expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toEqual([]);
        expect(openIn(out)).toEqual([]);
      }
      // Only the formats that begin with how much there is keep numbers aside, by writeSync.
      const isUsed = call !== 'writeSync' || format === 'npy' || format === 'safetensors';
      expect(failures > 0).toBe(isUsed);
    },
  );
});
