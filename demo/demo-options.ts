/** The command line of `npm run demo`. */
import { parseArgs } from 'node:util';
import type { RoomLanguage } from '../protocol/room-api.ts';
import { SurtitreError } from '../runtime/errors.ts';

export const HELP = `npm run demo -- FILE… [--json] [--lang fr|en|auto] [--url http://…] [--max-seconds N] [--verbose]

Speaks sound files (wav, flac, mp3, ogg, opus, aiff; any rate) into a real room, one participant for each file, and
follows the captions as a viewer. Uses the Surtitre that runs at --url, or else starts one of its own on free ports
and stops it afterwards. Prints each word as it is shown, then words, latencies and losses.

  --json           one JSON document on standard output instead; progress goes to standard error
  --lang           language of the room; auto (the default) hears it in each voice
  --url            the gateway (default http://127.0.0.1:8080, if one answers there)
  --max-seconds N  speaks the first N seconds of each file (default: all of it, in real time)
  --verbose        shows the logs of the processes that are started
  --help           this text

Exit code 0 when captions came; 1 with a sentence when not.`;

export const DEFAULT_URL = 'http://127.0.0.1:8080';
const MAX_FILES = 20;
/** A day: longer is a slip. */
const MAX_SECONDS = 86_400;

export interface DemoOptions {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly language: RoomLanguage;
  /** Null: the default address if it answers, else a stack of our own. */
  readonly url: string | null;
  readonly maxSeconds: number;
  readonly verbose: boolean;
}

/** Null: help was asked for. */
export function readOptions(args: readonly string[]): DemoOptions | null {
  const { values, positionals } = parsed(args);
  if (values.help === true) return null;
  if (positionals.length === 0) throw wrong('Name at least one sound file');
  if (positionals.length > MAX_FILES) throw wrong(`At most ${MAX_FILES} files can speak at once`);
  const maxSeconds = Number(values['max-seconds'] ?? MAX_SECONDS);
  if (!(maxSeconds > 0 && maxSeconds <= MAX_SECONDS))
    throw wrong('--max-seconds must be a number of seconds');
  return {
    files: positionals,
    json: values.json === true,
    language: languageOf(values.lang ?? 'auto'),
    url: values.url ?? null,
    maxSeconds,
    verbose: values.verbose === true,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        lang: { type: 'string' },
        url: { type: 'string' },
        'max-seconds': { type: 'string' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw wrong((cause as Error).message.split(/[.\n]/)[0] ?? '');
  }
}

function languageOf(text: string): RoomLanguage {
  if (text === 'fr' || text === 'en' || text === 'auto') return text;
  throw wrong('--lang must be fr, en or auto');
}

function wrong(what: string): SurtitreError {
  return new SurtitreError('demo-usage', `${what}; npm run demo -- --help tells how.`);
}
