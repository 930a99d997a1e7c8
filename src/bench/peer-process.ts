import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Absent, Contestant } from './contest.js';
import type { Clock, Round } from './round.js';

const ROSTER = z.object({
  versions: z.record(z.string(), z.string()),
  contestants: z.array(
    z.object({
      case: z.string(),
      name: z.string(),
      work: z.number().positive(),
      ownConventions: z.boolean().optional(),
      checksItself: z.boolean().optional(),
    }),
  ),
  absent: z.array(z.object({ name: z.string(), reason: z.string() })),
});
const ROUND = z.object({
  samples: z.array(z.number().positive()).min(1),
  wallSec: z.number().positive(),
  cpuSec: z.number().nonnegative(),
});
const RESULT = z.object({ values: z.number().int().nonnegative() });
const FAILURE = z.object({ error: z.string() });

export interface PeerCommand {
  /** For messages and for what is absent when the process cannot be had. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where results are handed over. */
  readonly folder: string;
}

/** A contestant in another process, with the case it belongs to. */
export interface PeerContestant extends Contestant {
  readonly case: string;
}

/**
 * A process that holds contestants and times one of them per request, so that rounds of several processes can take
 * turns. Requests are lines (`list`, `result <contestant> <file>`, `round <contestant> <seconds> <clock>`), answers lines of
 * JSON; what else the process prints goes to stderr. `bench/native/main.cc` and `bench/peers/` speak it.
 */
export class PeerProcess {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly contestants: readonly PeerContestant[];
  readonly absent: readonly Absent[];
  readonly #line: Line;

  private constructor(command: PeerCommand, line: Line, roster: z.infer<typeof ROSTER>) {
    this.name = command.name;
    this.#line = line;
    this.versions = roster.versions;
    this.absent = roster.absent;
    this.contestants = roster.contestants.map(({ ownConventions = false, checksItself = false, ...rest }, index) => ({
      ...rest,
      ownConventions,
      checksItself,
      result: () => this.#result(index, join(command.folder, `${command.name.replaceAll(/\W+/g, '-')}.f32`)),
      round: (seconds: number, clock: Clock): Promise<Round> =>
        this.#line.ask(`round ${index} ${seconds} ${clock}`, ROUND),
    }));
  }

  /** @throws Error with what the process said last, where it cannot be started or ends early */
  static async start(command: PeerCommand): Promise<PeerProcess> {
    const line = new Line(command);
    try {
      return new PeerProcess(command, line, await line.ask('list', ROSTER));
    } catch (error) {
      await line.close();
      throw error;
    }
  }

  /** Lets the process end by itself. */
  close(): Promise<void> {
    return this.#line.close();
  }

  async #result(index: number, path: string): Promise<Float32Array> {
    const { values } = await this.#line.ask(`result ${index} ${path}`, RESULT);
    const bytes = await readFile(path);
    await rm(path);
    if (bytes.byteLength !== values * Float32Array.BYTES_PER_ELEMENT) {
      throw new Error(`${this.name}: said ${values} values, wrote ${bytes.byteLength} bytes`);
    }
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }
}

/** One request at a time, one answer each. */
class Line {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  #said = '';
  #failure: Error | undefined;

  constructor({ name, program, args, env = process.env }: PeerCommand) {
    this.#name = name;
    this.#child = spawn(program, [...args], { env, stdio: 'pipe' });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-4000);
    });
    const fail = (error: Error) => {
      this.#failure = error;
    };
    this.#child.on('error', fail);
    // A process that is gone cannot be written to; `ask` then says how it ended.
    this.#child.stdin.on('error', fail);
    this.#ended = new Promise((resolve) => this.#child.on('close', () => resolve()));
  }

  async ask<T>(request: string, shape: z.ZodType<T>): Promise<T> {
    this.#child.stdin.write(`${request}\n`);
    const { value, done } = await this.#answers.next();
    if (done) {
      await this.#ended;
      const said = this.#said.trim() || this.#failure?.message || 'nothing on stderr';
      throw new Error(`${this.#name}: ended at "${request}" (exit code ${this.#child.exitCode}): ${said}`);
    }
    const answer: unknown = JSON.parse(value);
    const failure = FAILURE.safeParse(answer);
    if (failure.success) throw new Error(`${this.#name}: ${request}: ${failure.data.error}`);
    return shape.parse(answer);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
