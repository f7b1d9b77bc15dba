/**
 * The `transcribe` command: an engine over files, with the decisions it would take live, and no server.
 */
import { parseArgs } from 'node:util';
import { SurtitreError } from '../runtime/errors.ts';
import { readAudioFile } from './audio/audio-file.ts';
import { openRecogniser } from './speech/open-recogniser.ts';
import type { Recogniser } from './speech/recording.ts';
import { isStreamLanguage, type SpeechEvent, type StreamLanguage } from './speech/speech-engine.ts';
import { TranscriptBuilder } from './transcript-builder.ts';
import { formatJson, formatSrt, formatText, formatVtt, type Transcript } from './transcript-format.ts';

const HELP = `Usage: npm run transcribe -- FILE [FILE …] [options]

Writes what is said in sound files (wav, flac, mp3, ogg, opus, aiff; any rate) to standard output, with the same
streaming recogniser that captions meetings. Nothing leaves this machine.

  --lang fr|en|auto   language; auto (default) hears it from the first second of speech
  --json              one JSON document with the times of every word (ms), for all files
  --vtt, --srt        subtitles, for one file
  --model DIR         folder of the model (default: SURTITRE_MODEL or models/whisper-base)
  --threads N         threads of the model, 1 to 16 (default 1)
  --help              this text
`;

type Format = 'text' | 'json' | 'vtt' | 'srt';

interface Command {
  readonly files: readonly string[];
  readonly language: StreamLanguage;
  readonly format: Format;
  readonly model: string;
  readonly threads: number;
}

function readCommand(args: readonly string[]): Command | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const language = values.lang ?? 'auto';
  if (!isStreamLanguage(language)) throw usage(`--lang must be fr, en or auto, not "${language}"`);
  const formats = (['json', 'vtt', 'srt'] as const).filter((name) => values[name]);
  if (formats.length > 1) throw usage(`--${formats.join(' and --')} exclude each other`);
  const format: Format = formats[0] ?? 'text';
  if (positionals.length === 0) throw usage('no file is given');
  if (positionals.length > 1 && (format === 'vtt' || format === 'srt')) {
    throw usage(`--${format} takes one file`);
  }
  const threads = Number(values.threads ?? '1');
  if (!Number.isInteger(threads) || threads < 1 || threads > 16) throw usage('--threads must be 1 to 16');
  const model = values.model ?? (process.env.SURTITRE_MODEL || 'models/whisper-base');
  return { files: positionals, language, format, model, threads };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        lang: { type: 'string' },
        json: { type: 'boolean' },
        vtt: { type: 'boolean' },
        srt: { type: 'boolean' },
        model: { type: 'string' },
        threads: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
}

function usage(fault: string): SurtitreError {
  return new SurtitreError('usage', `${fault}. See npm run transcribe -- --help.`);
}

async function transcribe(recogniser: Recogniser, file: string, command: Command): Promise<Transcript> {
  const builder = new TranscriptBuilder();
  const progress = new Progress(file);
  let durationMs = 0;
  await recogniser.recognise([
    {
      samples: readAudioFile(file, recogniser.sampleRateHz),
      language: command.language,
      onProgress: (heardMs) => {
        durationMs = heardMs;
        progress.show(heardMs);
      },
      onEvents: (events, heardMs) => {
        builder.add(events, heardMs);
        if (command.format === 'text') process.stdout.write(plainText(events));
      },
    },
  ]);
  progress.end();
  return { file, durationMs, utterances: builder.utterances };
}

/** Words as they come: one utterance a line. */
function plainText(events: readonly SpeechEvent[]): string {
  return events
    .map((event) => (event.type === 'text' ? event.text : event.type === 'end' ? '\n' : ''))
    .join('');
}

/** A line on standard error for files that take a while, only where someone watches. */
class Progress {
  readonly #file: string;
  readonly #startMs = performance.now();
  #shownMs = this.#startMs;
  #shown = false;

  constructor(file: string) {
    this.#file = file;
  }

  show(heardMs: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#shownMs < 1_000) return;
    this.#shownMs = now;
    this.#shown = true;
    const speed = heardMs / (now - this.#startMs);
    process.stderr.write(
      `\r${this.#file}: ${(heardMs / 1000).toFixed(0)} s heard, ${speed.toFixed(1)}× real time `,
    );
  }

  end(): void {
    if (this.#shown) process.stderr.write('\n');
  }
}

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command === null) {
    process.stdout.write(HELP);
    return;
  }
  const recogniser = await openRecogniser(command.model, command.threads);
  try {
    const transcripts: Transcript[] = [];
    for (const file of command.files) {
      if (command.format === 'text' && command.files.length > 1) process.stdout.write(`# ${file}\n`);
      transcripts.push(await transcribe(recogniser, file, command));
    }
    const [first] = transcripts;
    if (command.format === 'json') process.stdout.write(formatJson(transcripts));
    else if (command.format === 'vtt' && first) process.stdout.write(formatVtt(first));
    else if (command.format === 'srt' && first) process.stdout.write(formatSrt(first));
    else if (first && transcripts.every((transcript) => formatText(transcript) === '')) {
      process.stderr.write('No speech was recognised.\n');
    }
  } finally {
    await recogniser.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SurtitreError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.code === 'usage' ? 2 : 1;
}
