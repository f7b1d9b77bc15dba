/**
 * The language that is asked for a room: in the metadata of the dispatch or else of the room, in the form
 * `{"language": "fr"}`. Both belong to others too (La Suite Meet sends none), so what is not understood is as if
 * absent.
 */
import { isStreamLanguage, type StreamLanguage } from '../speech/speech-engine.ts';
import type { WorkerJob } from './worker-messages.ts';

export function jobLanguage(job: Pick<WorkerJob, 'metadata' | 'roomMetadata'>): StreamLanguage | null {
  return languageIn(job.metadata) ?? languageIn(job.roomMetadata);
}

function languageIn(metadata: string): StreamLanguage | null {
  try {
    const value: unknown = JSON.parse(metadata);
    const language = typeof value === 'object' && value !== null && 'language' in value && value.language;
    return isStreamLanguage(language) ? language : null;
  } catch {
    return null;
  }
}
