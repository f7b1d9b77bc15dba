/** Word error rates by training/score.py, the one definition that training and benches share. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface SetScore {
  readonly clips: number;
  readonly words: number;
  /** Percent of the reference words. */
  readonly rate: number;
  readonly insertions: number;
  readonly deletions: number;
  readonly substitutions: number;
}

const SCRIPT = `
import json, sys
sys.path.insert(0, "training")
from score import score_rows
rows = [json.loads(line) for line in open(sys.argv[1])]
if len(sys.argv) > 2:
    paths = {json.loads(line)["path"] for line in open(sys.argv[2])}
    rows = [row for row in rows if row["path"] in paths]
print(json.dumps({name: {**s.__dict__, "rate": s.rate} for name, s in score_rows(rows).items()}))
`;

/** Scores per set of a JSONL file; `only` limits it to the clips of another one. */
export async function scoreWithPython(
  python: string,
  file: string,
  only?: string,
): Promise<Record<string, SetScore>> {
  const { stdout } = await promisify(execFile)(python, ['-c', SCRIPT, file, ...(only ? [only] : [])]);
  return JSON.parse(stdout) as Record<string, SetScore>;
}
