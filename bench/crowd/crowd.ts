/** Many people in one room, each a real LiveKit connection; see main.go, which is built when it is first needed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { AccessToken } from 'livekit-server-sdk';
import { projectRoot } from '../../launch/project-root.ts';
import { findExecutable } from '../../runtime/executable.ts';

export interface CrowdOptions {
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly room: string;
  readonly people: number;
  /** Of them; the others have an open microphone and send no sound. */
  readonly speaking: number;
  readonly onJoined?: (people: number) => void;
}

/** Null, or why there can be no crowd here. */
export function whyNoCrowd(): string | null {
  return findExecutable(['go'], process.env.PATH) === null
    ? 'no go found; its compiler builds the crowd'
    : null;
}

const LEAVE_WITHIN_MS = 10_000;

export class Crowd {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#exited = once(child, 'exit');
  }

  /** Resolves when all are in the room; rejects, with all gone again, when one does not get in. */
  static async gather(options: CrowdOptions): Promise<Crowd> {
    const child = spawn(await build(), [], { stdio: ['pipe', 'pipe', 'inherit'] });
    const crowd = new Crowd(child);
    child.stdin.write(`${JSON.stringify(await shareOf(options))}\n`);
    let joined = 0;
    for await (const _ of createInterface({ input: child.stdout })) {
      joined += 1;
      options.onJoined?.(joined);
      if (joined === options.people) return crowd;
    }
    await crowd.disperse();
    throw new Error(`only ${joined} of ${options.people} got into the room`);
  }

  /** Resident. */
  get memoryMiB(): number {
    const pages = Number(readFileSync(`/proc/${this.#process.pid}/statm`, 'utf8').split(' ')[1]);
    return Math.round((pages * 4_096) / 2 ** 20);
  }

  async disperse(): Promise<void> {
    this.#process.stdin?.end();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), LEAVE_WITHIN_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}

/** The path of the program. Go itself sees whether it is current. */
async function build(): Promise<string> {
  const lack = whyNoCrowd();
  if (lack !== null) throw new Error(lack);
  const program = join(projectRoot, '.surtitre', 'bin', 'crowd');
  await promisify(execFile)('go', ['build', '-o', program, '.'], {
    cwd: join(projectRoot, 'bench', 'crowd'),
  });
  return program;
}

async function shareOf({ livekit, room, people, speaking }: CrowdOptions) {
  const tokens = Array.from({ length: people }, (_, index) => {
    const about = { identity: `crowd-${index + 1}`, name: `Person ${index + 1}`, ttl: 3_600 };
    const token = new AccessToken(livekit.apiKey, livekit.apiSecret, about);
    token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true });
    return token.toJwt();
  });
  const members = (await Promise.all(tokens)).map((token, index) => ({ token, speaks: index < speaking }));
  return { url: livekit.url, people: members };
}
