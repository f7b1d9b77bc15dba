/**
 * Runs every clip of a speech folder through the engine of the model, exactly as `npm run transcribe` does, and
 * compares it per set with offline Whisper base. See docs/speech-quality.md for the command and the figures.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { readAudioFile } from '../agents/audio/audio-file.ts';
import { openRecogniser } from '../agents/speech/open-recogniser.ts';
import { TranscriptBuilder } from '../agents/transcript-builder.ts';
import { utteranceText } from '../agents/transcript-format.ts';
import { readCommandLine } from './command-line.ts';
import { noiseSounds } from './noise-sounds.ts';
import { count, flag, resultFile, text } from './parameters.ts';
import { percentile } from './percentile.ts';
import { processorMs } from './processor-time.ts';
import { writeResult } from './result-file.ts';
import { scoreWithPython } from './score-transcripts.ts';

interface Clip {
  readonly path: string;
  readonly lang: 'fr' | 'en';
  readonly set: string;
  readonly durationS: number;
  readonly text: string | null;
}

interface Row {
  readonly path: string;
  readonly set: string;
  readonly lang: 'fr' | 'en';
  readonly reference: string;
  readonly hypothesis: string;
  readonly durationS: number;
  /** Languages in which the engine wrote, as heard by itself with --auto. */
  readonly languages: readonly string[];
  /** Audio heard when a word was final, after the end of the word (ms), by the engine's own alignment. */
  readonly delaysMs: readonly number[];
}

const values = readCommandLine({
  program: 'speech-quality',
  about: `Word error rates and delays of the engine over a folder of speech, beside offline Whisper base. Needs a Python with
training/requirements.txt. With Whisper base about a third of the speech's length.`,
  parameters: {
    speech: text('FOLDER', 'clips, with a manifest.jsonl', '../shared/speech/dev'),
    model: text('FOLDER', 'of the model', 'models/whisper-base'),
    out: text('FILE', 'where each clip is left, as JSONL', 'test/artifacts/streaming.jsonl'),
    offline: text('FILE', 'JSONL of training/offline_baseline.py over the same folder'),
    python: text('FILE', 'that scores', 'training/.venv/bin/python'),
    sets: text('SET,…', 'only these, as fr/commonvoice'),
    limit: count('clips of each set at most', 1_000),
    batch: count('clips at once', 4),
    auto: flag('languages are heard, not told'),
    noise: flag('also counts the words invented in sounds without any'),
    'noise-seconds': count('seconds of each of the eight sounds', 30),
    results: resultFile,
  },
});

async function readClips(folder: string): Promise<Clip[]> {
  const lines = (await readFile(join(folder, 'manifest.jsonl'), 'utf8')).trim().split('\n');
  const counts = new Map<string, number>();
  return lines
    .map((line) => JSON.parse(line) as Clip)
    .filter((clip) => clip.text !== null)
    .filter((clip) => !values.sets || values.sets.split(',').includes(`${clip.lang}/${clip.set}`))
    .filter((clip) => {
      const name = `${clip.lang}/${clip.set}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return (counts.get(name) ?? 0) <= values.limit;
    });
}

async function recogniseAll(clips: readonly Clip[]): Promise<{ rows: Row[]; wallMs: number; cpuMs: number }> {
  const recogniser = await openRecogniser(values.model, 1);
  const cpuBeforeMs = processorMs();
  const rows: Row[] = [];
  const startMs = performance.now();
  const size = values.batch;
  const sorted = [...clips].sort((a, b) => a.durationS - b.durationS);
  for (let at = 0; at < sorted.length; at += size) {
    const jobs = sorted.slice(at, at + size).map((clip) => ({ clip, builder: new TranscriptBuilder() }));
    await recogniser.recognise(
      jobs.map(({ clip, builder }) => ({
        samples: readAudioFile(join(values.speech, clip.path), recogniser.sampleRateHz),
        language: values.auto ? 'auto' : clip.lang,
        onEvents: (events, heardMs) => builder.add(events, heardMs),
      })),
    );
    for (const { clip, builder } of jobs) rows.push(rowOf(clip, builder));
  }
  const wallMs = performance.now() - startMs;
  const cpuMs = processorMs() - cpuBeforeMs;
  await recogniser.close();
  return { rows, wallMs, cpuMs };
}

function rowOf(clip: Clip, builder: TranscriptBuilder): Row {
  return {
    path: clip.path,
    set: `${clip.lang}/${clip.set}`,
    lang: clip.lang,
    reference: clip.text ?? '',
    hypothesis: builder.utterances.map(utteranceText).join(' '),
    durationS: clip.durationS,
    languages: [...new Set(builder.utterances.map((utterance) => utterance.language))],
    delaysMs: builder.utterances.flatMap(({ words }) => words.map((word) => word.heardMs - word.endMs)),
  };
}

/** Words that the engine invents in a minute of each sound without words, heard side by side. */
async function wordsInNoise(): Promise<Record<string, number>> {
  const recogniser = await openRecogniser(values.model, 1);
  const minutes = values['noise-seconds'] / 60;
  const jobs = noiseSounds(values['noise-seconds']).map((sound) => ({
    ...sound,
    builder: new TranscriptBuilder(),
  }));
  await recogniser.recognise(
    jobs.map(({ samples, builder }) => ({
      samples: [samples],
      language: 'auto',
      onEvents: builder.add.bind(builder),
    })),
  );
  await recogniser.close();
  const wordsOf = (builder: TranscriptBuilder): number =>
    builder.utterances.flatMap(({ words }) => words).length;
  return Object.fromEntries(jobs.map(({ name, builder }) => [name, wordsOf(builder) / minutes]));
}

const clips = await readClips(values.speech);
const { rows, wallMs, cpuMs } = await recogniseAll(clips);
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const audioS = rows.reduce((sum, row) => sum + row.durationS, 0);
const streaming = await scoreWithPython(values.python, values.out);
const offline = values.offline ? await scoreWithPython(values.python, values.offline, values.out) : {};
const sets = Object.entries(streaming).map(([set, score]) => {
  const delays = rows.filter((row) => row.set === set).flatMap((row) => row.delaysMs);
  const reference = offline[set]?.rate;
  const heard = rows.filter((row) => row.set === set && row.languages.length > 0);
  return {
    set,
    clips: score.clips,
    words: score.words,
    wer: score.rate,
    insertions: score.insertions,
    deletions: score.deletions,
    substitutions: score.substitutions,
    offlineWer: reference ?? null,
    ratio: reference ? score.rate / reference : null,
    rightLanguage:
      heard.filter((row) => row.languages.every((language) => language === row.lang)).length / heard.length,
    delayP50Ms: percentile(delays, 0.5),
    delayP95Ms: percentile(delays, 0.95),
  };
});
const summary = {
  date: new Date().toISOString(),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, model on 1 thread`,
  command: `node dist/bench/speech-quality.js ${process.argv.slice(2).join(' ')}`,
  audioS,
  realTimeFactor: wallMs / 1000 / audioS,
  /** Processor time per time of audio, decoding the files included: 1 / this is what one core carries at full load. */
  cpuFactor: cpuMs / 1000 / audioS,
  batch: values.batch,
  sets,
  wordsPerMinuteOfNoise: values.noise ? await wordsInNoise() : null,
};
if (values.results) writeResult(summary, values.results);
console.table(
  sets.map(
    ({
      set,
      clips,
      words,
      wer,
      insertions,
      deletions,
      substitutions,
      offlineWer,
      ratio,
      rightLanguage,
      ...delay
    }) => ({
      set,
      clips,
      words,
      wer: wer.toFixed(1),
      'ins/del/sub': `${insertions}/${deletions}/${substitutions}`,
      offline: offlineWer?.toFixed(1) ?? '',
      ratio: ratio?.toFixed(2) ?? '',
      language: values.auto ? rightLanguage.toFixed(2) : 'given',
      'delay p50': Math.round(delay.delayP50Ms),
      'delay p95': Math.round(delay.delayP95Ms),
    }),
  ),
);
console.log(
  `${audioS.toFixed(0)} s of audio, ${summary.realTimeFactor.toFixed(3)} of real time on one thread`,
);
