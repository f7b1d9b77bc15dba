/** One round of the engine: every track that is due is decoded in one batch, and each gets its own result. */
import type { SpeechEvent } from '../speech-engine.ts';
import type { SpeechTrack } from './speech-track.ts';
import type { WhisperModel } from './whisper-model.ts';
import { decodeWindows } from './window-decoder.ts';

/**
 * Windows in one pass of the model. On a CPU a pass over several costs as much as one pass each (the encoder is
 * bound by arithmetic), makes the quick wait for the slow, pads the short to the long, and lets the 8-bit scales
 * of one voice change the words of another; docs/decisions/0007 has the figures.
 */
const MAX_ROWS = 1;

/**
 * Decodes up to a batch of the tracks that are due, oldest need first, and returns what each says. A track that
 * is not among the keys was not due; call again while any is.
 */
export async function stepTracks(
  model: WhisperModel,
  tracks: Iterable<SpeechTrack>,
  onGathered: (batch: readonly SpeechTrack[]) => void = () => {},
): Promise<Map<SpeechTrack, SpeechEvent[]>> {
  const outcome = new Map<SpeechTrack, SpeechEvent[]>();
  const due: SpeechTrack[] = [];
  for (const track of tracks) {
    const settled = track.takeSettled();
    if (settled) outcome.set(track, settled);
    else if (track.isDue) due.push(track);
  }
  due.sort((a, b) => b.newMs - a.newMs);
  const batch = due.slice(0, MAX_ROWS);
  if (batch.length === 0) return outcome;
  onGathered(batch);
  const results = await decodeWindows(
    model,
    batch.map((track) => track.request()),
  );
  for (const [index, track] of batch.entries()) {
    const result = results[index];
    if (result) outcome.set(track, track.apply(result));
  }
  return outcome;
}
