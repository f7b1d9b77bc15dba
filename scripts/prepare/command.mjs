/** Runs a program to its end. Output goes through when `verbose`, and is otherwise kept for the error. */
import { spawn } from 'node:child_process';

const KEPT_CHARACTERS = 16_000;
const MAX_LINES = 60;

/** A failure that the person at the terminal can act on: its message is printed without a stack. */
export class Sentence extends Error {}

export function run(program, args, { cwd, env = process.env, verbose = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        if (verbose) process.stderr.write(chunk);
        output = (output + chunk).slice(-KEPT_CHARACTERS);
      });
    }
    child.on('error', (cause) => reject(new Sentence(`${program} could not be started: ${cause.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else {
        const command = `${program} ${args.join(' ')}`;
        reject(new Sentence(`${command} ended with code ${code}.${verbose ? '' : `\n${gist(output)}`}`));
      }
    });
  });
}

/** What a program said about its failure; of npm's many lines only the errors, without its usage text. */
function gist(output) {
  const lines = output.trim().split('\n');
  const errors = lines.filter((line) => /^npm error \S/.test(line));
  const shown = errors.length > 0 ? errors.slice(0, 6) : lines.slice(-MAX_LINES);
  return shown.join('\n');
}
