/** Who speaks in a demo, and what. The recordings are in samples/, with their licences. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../launch/project-root.ts';

export interface SampleSpeaker {
  /** Unique in a room; a second demo in the same room takes the place of the first. */
  readonly identity: string;
  readonly name: string;
  readonly files: readonly string[];
}

const FOLDER = join(projectRoot, 'demo', 'samples');

/** They take turns, a file each. */
export function sampleSpeakers(): readonly SampleSpeaker[] {
  return [
    { identity: 'demo-fr', name: 'Voix françaises (démo)', files: filesOf('fr') },
    { identity: 'demo-en', name: 'English voice (demo)', files: filesOf('en') },
  ];
}

function filesOf(language: string): string[] {
  const names = readdirSync(FOLDER).filter((name) => name.startsWith(`${language}-`));
  return names.sort().map((name) => join(FOLDER, name));
}
