/** `npm run demo`: sound files are spoken into a real room; prints what a viewer of its captions sees, and when. */
import './quiet-rtc-log.ts';
import { writeFileSync } from 'node:fs';
import { dispose } from '@livekit/rtc-node';
import { silent, terminalProgress } from '../launch/progress.ts';
import { SurtitreError } from '../runtime/errors.ts';
import { type DemoOptions, HELP, readOptions } from './demo-options.ts';
import { demoReport, reportTable } from './demo-report.ts';
import { RoomDemo } from './room-demo.ts';
import { runningProduct } from './running-product.ts';
import { openSpeechFiles, type SpeechFile } from './speech-files.ts';
import { WordPrinter } from './word-printer.ts';

/** Somebody who waits this long should know beforehand. */
const LONG_S = 120;

const abandon = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abandon.abort());

let exitCode = 0;
try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(HELP);
  else await demonstrate(options);
} catch (error) {
  exitCode = 1;
  if (abandon.signal.aborted) console.error('Stopped.');
  else console.error(error instanceof SurtitreError ? error.message : error);
}
await dispose();
process.exit(exitCode);

async function demonstrate(options: DemoOptions): Promise<void> {
  const progress = options.json && !process.stderr.isTTY ? silent : terminalProgress();
  const files = await progress.step('Reading the files', () =>
    openSpeechFiles(options.files, options.maxSeconds),
  );
  const seconds = Math.max(...files.map((file) => file.seconds));
  if (seconds > LONG_S) progress.line(`This takes ${duration(seconds)}: the files are spoken in real time.`);
  const product = await runningProduct(options, progress, abandon.signal);
  try {
    const printer = options.json ? null : new WordPrinter(process.stdout);
    const result = await new RoomDemo({
      ...product,
      files,
      language: options.language,
      signal: abandon.signal,
      onWord: (word) => printer?.print(word),
    }).run();
    printer?.end();
    const report = demoReport(result);
    // Not through process.stdout: see quiet-rtc-log.ts.
    if (options.json) writeFileSync(1, `${JSON.stringify(report)}\n`);
    else console.log(reportTable(report));
    checkSpoken(
      files,
      report.speakers.map(({ words }) => words.length),
    );
  } finally {
    await product.stop();
  }
}

function checkSpoken(files: readonly SpeechFile[], counts: readonly number[]): void {
  const silentFiles = files.filter((_, index) => counts[index] === 0).map(({ path }) => path);
  if (silentFiles.length === 0) return;
  throw new SurtitreError(
    'no-captions',
    `No captions came for ${silentFiles.join(', ')}: does it hold speech?`,
  );
}

function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
