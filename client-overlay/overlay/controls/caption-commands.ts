/** What a person can ask for in the element's own controls. The element does it; nothing here knows how. */
import type { CaptionPreferences } from '../caption-preferences.ts';
import type { TranscriptFormat } from '../transcript/transcript-file.ts';

export interface CaptionCommands {
  choose(preferences: CaptionPreferences): void;
  /** Gives the speaker rows of their own; null: nobody. */
  pinSpeaker(identity: string | null): void;
  /** Keeps the utterance in sight until it is unpinned. */
  togglePin(utterance: number): void;
  startMoving(): void;
  popOut(): void;
  saveTranscript(format: TranscriptFormat): void;
  savePreferences(): void;
  /** The person wants to speak off the record, or no longer; the page does it. */
  setOffRecord(wanted: boolean): void;
}

/** Somebody who has spoken. */
export interface KnownSpeaker {
  readonly identity: string;
  readonly name: string;
}

/** What the page says about the captions as a whole; null: it does not say. */
export interface CaptionPolicy {
  readonly retentionS: number | null;
  /** Whether this person speaks off the record; null: the page has no such switch. */
  readonly offRecord: boolean | null;
  readonly mayExport: boolean;
}
