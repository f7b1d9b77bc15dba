/**
 * How far the times of words are from when they were spoken, against synthetic speech whose synthesiser knows.
 *
 *     python training/spoken_words.py training/build/spoken-words
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAudioFile } from '../agents/audio/audio-file.ts';
import { openRecogniser } from '../agents/speech/open-recogniser.ts';
import type { SpeechEvent } from '../agents/speech/speech-engine.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { operand, resultFile, text } from './parameters.ts';
import { percentile } from './percentile.ts';
import { writeResult } from './result-file.ts';
import { matchWords, type TimedWord } from './word-match.ts';

interface Clip {
  readonly file: string;
  readonly language: 'fr' | 'en';
  readonly words: readonly TimedWord[];
}

const values = readCommandLine({
  program: 'word-times',
  about: `How far the times of words are from when they were spoken, over the clips of training/spoken_words.py. With Whisper
base about a third of their length.`,
  parameters: {
    folder: operand('FOLDER', 'of training/spoken_words.py'),
    model: text('FOLDER', 'of the model', 'models/whisper-base'),
    results: resultFile,
  },
});
const { folder } = values;

/** Words as a reader sees them: pieces up to the next one that begins with a space. */
function wordsOf(events: readonly SpeechEvent[]): TimedWord[] {
  const words: TimedWord[] = [];
  let isNew = true;
  for (const event of events) {
    if (event.type !== 'text') {
      isNew = true;
      continue;
    }
    const last = words.at(-1);
    if (isNew || !last || event.text.startsWith(' ')) words.push({ ...event });
    else words[words.length - 1] = { ...last, text: last.text + event.text, endMs: event.endMs };
    isNew = false;
  }
  return words;
}

interface Errors {
  readonly spoken: number;
  readonly matched: number;
  readonly startMs: Distribution;
  readonly endMs: Distribution;
}

interface Distribution {
  /** Of the errors without their sign. */
  readonly p50: number;
  readonly p95: number;
  /** Median with the sign: positive is late. */
  readonly bias: number;
}

function distribution(errors: readonly number[]): Distribution {
  const sizes = errors.map(Math.abs);
  const [p50, p95, bias] = [percentile(sizes, 0.5), percentile(sizes, 0.95), percentile(errors, 0.5)];
  return { p50: Math.round(p50), p95: Math.round(p95), bias: Math.round(bias) };
}

const clips = JSON.parse(await readFile(join(folder, 'words.json'), 'utf8')) as Clip[];
const recogniser = await openRecogniser(values.model, 1);
const results: Record<string, Errors> = {};
for (const language of ['en', 'fr'] as const) {
  const errors = { spoken: 0, startMs: [] as number[], endMs: [] as number[] };
  for (const clip of clips.filter((candidate) => candidate.language === language)) {
    const samples = await loadAudioFile(join(folder, clip.file), recogniser.sampleRateHz);
    const events: SpeechEvent[] = [];
    await recogniser.recognise([{ samples: [samples], language, onEvents: (told) => events.push(...told) }]);
    errors.spoken += clip.words.length;
    for (const [spoken, heard] of matchWords(clip.words, wordsOf(events))) {
      errors.startMs.push(heard.startMs - spoken.startMs);
      errors.endMs.push(heard.endMs - spoken.endMs);
    }
    process.stderr.write(`\r${clip.file}   `);
  }
  const { spoken, startMs, endMs } = errors;
  const [start, end] = [distribution(startMs), distribution(endMs)];
  results[language] = { spoken, matched: startMs.length, startMs: start, endMs: end };
}
await recogniser.close();
console.log(`\n${JSON.stringify(results, null, 2)}`);
if (values.results) {
  const command = `node dist/bench/word-times.js ${folder} --model ${values.model}`;
  writeResult({ machine: machine(), model: values.model, command, results }, values.results);
}
