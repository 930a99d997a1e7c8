import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeerProcess, runContest } from '../../src/bench/index.js';

const PROTOCOL = pathToFileURL(join(import.meta.dirname, '../../bench/peers/protocol.mjs')).href;

describe('contestants in another process', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cochlea-bench-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Starts a Node process that runs `source`. */
  function start(source: string): Promise<PeerProcess> {
    const path = join(folder, `peer-${Math.random().toString(36).slice(2)}.mjs`);
    writeFileSync(path, source);
    return PeerProcess.start({ name: 'peer', program: process.execPath, args: [path], folder });
  }

  const TWO = `
    import { serve } from '${PROTOCOL}';
    const spin = (n) => { let x = 1; for (let i = 0; i < n; i += 1) x = Math.imul(x, 1664525) + i; return x; };
    await serve({
      versions: { toy: '1.2.3' },
      absent: [{ name: 'other', reason: 'not installed' }],
      contestants: [
        { case: 'W1', name: 'quick', work: 10, run: () => void spin(2000), result: () => Float32Array.of(1, 2.5) },
        { case: 'W1', name: 'slow', work: 10, run: async () => void spin(200000), result: async () => Float32Array.of(1, 2.5) },
        { case: 'W2', name: 'broken', work: 1, run: () => { throw new Error('no plan'); }, result: () => Float32Array.of(1) },
      ],
    });`;

  it('are listed, checked and timed through lines of text', async () => {
    const peer = await start(TWO);
    try {
      expect(peer.versions).toEqual({ toy: '1.2.3' });
      expect(peer.absent).toEqual([{ name: 'other', reason: 'not installed' }]);
      const contestants = peer.contestants.filter((each) => each.case === 'W1');
      expect(contestants.map((each) => each.name)).toEqual(['quick', 'slow']);
      expect(await contestants[0]!.result()).toEqual(Float32Array.of(1, 2.5));
      const check = { reference: 'quick', tolerance: { atol: 0, rtol: 0 }, width: 2 };
      const { results } = await runContest(
        { id: 'W1', title: 'W1', unit: 'x', contestants, absent: [], baselines: ['slow'], check, goals: [] },
        { rounds: 2, secondsPerRound: 0.02 },
      );
      expect(results[0]!.samples).toBeGreaterThanOrEqual(6);
      // A hundred times the work; a busy machine may blur that, not by ten.
      expect(results[0]!.ratio).toBeGreaterThan(10);
    } finally {
      await peer.close();
    }
  });

  it('pass on what a contestant throws, and go on', async () => {
    const peer = await start(TWO);
    try {
      await expect(peer.contestants[2]!.round(0.01, 'wall')).rejects.toThrow('peer: round 2 0.01 wall: no plan');
      expect(await peer.contestants[2]!.result()).toEqual(Float32Array.of(1));
    } finally {
      await peer.close();
    }
  });

  it('that cannot be started, end early or answer otherwise say so', async () => {
    const missing = PeerProcess.start({ name: 'peer', program: join(folder, 'nothing'), args: [], folder });
    await expect(missing).rejects.toThrow(/peer: ended at "list".*ENOENT/s);
    await expect(start('process.stderr.write("no such module"); process.exit(3);')).rejects.toThrow(
      'peer: ended at "list" (exit code 3): no such module',
    );
    await expect(start('process.stdin.on("data", () => console.log("{}"));')).rejects.toThrow(/versions/);
  });
});
