/** The structure that the compiler cannot see: no import cycles, and stages of the agent that know no later one. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../launch/project-root.ts';

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^'"]*?from\s+)?'(\.[^']+)'/gms;

function sources(): string[] {
  const listed = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { cwd: projectRoot, encoding: 'utf8' });
  return listed.split('\n').filter((file) => file !== '' && !/\.test\.tsx?$|^test\//.test(file));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(projectRoot, file), 'utf8');
  return [...text.matchAll(IMPORT)].map(([statement, type, path]) => ({
    from: file,
    to: relative(projectRoot, join(projectRoot, dirname(file), path ?? '')),
    typeOnly: type !== undefined || isTypeOnly(statement),
  }));
}

/** `import { type A, type B } from …` leaves nothing behind either. */
function isTypeOnly(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1];
  if (names === undefined || /import\s+\w/.test(statement)) return false;
  return names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
}

const imports = sources().flatMap(importsOf);

describe('imports', () => {
  it('form no cycle', () => {
    expect(imports.length).toBeGreaterThan(200);
    const next = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports) {
      if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
    }
    const finished = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] | null => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (finished.has(file)) return null;
      for (const to of next.get(file) ?? []) {
        const cycle = visit(to, [...path, file]);
        if (cycle) return cycle;
      }
      finished.add(file);
      return null;
    };
    for (const file of next.keys()) expect(visit(file, [])).toBeNull();
  });

  it.each([
    ['agents/audio', ['speech', 'captions', 'uplink', 'livekit']],
    ['agents/speech', ['captions', 'uplink', 'livekit']],
    ['agents/captions', ['uplink', 'livekit']],
    ['agents/uplink', ['audio', 'speech', 'captions', 'livekit']],
  ])('of %s name no later stage of the path', (folder, later) => {
    const wrong = imports.filter(
      ({ from, to }) =>
        from.startsWith(`${folder}/`) && later.some((stage) => to.startsWith(`agents/${stage}/`)),
    );
    expect(wrong.filter(({ typeOnly }) => !typeOnly)).toEqual([]);
  });

  it('of files with telling names only', () => {
    const vague = sources().filter((file) =>
      /(^|\/)(utils?|helpers?|common|misc|manager)(\.|\/|-)/.test(file),
    );
    expect(vague).toEqual([]);
  });
});
