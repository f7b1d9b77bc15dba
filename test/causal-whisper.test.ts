/** The streaming model that comes with the repository: its tokens are those of Python, and a meeting runs on it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { DemoReport } from '../demo/demo-report.ts';
import { projectRoot } from '../launch/project-root.ts';
import { demo, plain } from './support/demo-run.ts';
import { startTestStack } from './support/stack.ts';

const MODEL = 'models/causal-whisper';
const SAMPLES = join(projectRoot, 'demo', 'samples');

test('gives the tokens that its graph gives in Python, side by side and alone', async () => {
  const program = join(projectRoot, 'dist', 'bench', 'step-parity.js');
  const golden = join(projectRoot, 'test', 'golden', 'causal-whisper');
  const { stdout } = await promisify(execFile)(process.execPath, [program, join(projectRoot, MODEL), golden]);
  expect(stdout).toContain('4 of 4 give the reference’s tokens; 0 give others alone');
}, 60_000);

test('captions a meeting of two people in two languages, each under their own name', async () => {
  const stack = await startTestStack({ SURTITRE_MODEL: MODEL });
  try {
    const files = ['fr-1.opus', 'en-1.opus'].map((name) => join(SAMPLES, name));
    const { code, stdout, stderr } = await demo(stack, [...files, '--json']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const report = JSON.parse(stdout) as DemoReport;
    expect(report).toMatchObject({ gaps: 0, contradictions: 0, missedFrames: 0, reconnects: 0 });
    const [french, english] = report.speakers.map(({ text }) => plain(text));
    expect(french).toContain('secteur public');
    expect(english).toContain('connected');
    for (const { words, name } of report.speakers) expect(words.length, name).toBeGreaterThan(5);
  } finally {
    await stack.close();
  }
}, 240_000);
