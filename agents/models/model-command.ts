/** The `model` command: which models there are, fetching them, and checking that they are whole. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SurtitreError } from '../../runtime/errors.ts';
import { mirrorSource } from './file-source.ts';
import { type FileVerdict, verifyFile } from './model-files.ts';
import { type FileProgress, ModelShelf, type ShelvedModel } from './model-shelf.ts';

const HELP = `Usage: npm run model -- list
       npm run model -- get NAME [--from DIR|URL] [--unverified]
       npm run model -- verify [NAME]

Speech models, each described by a manifest in models/NAME/manifest.json.

  list           names, kinds, languages, licences, and what is here
  get NAME       fetches what is missing or damaged, continues what broke off, and checks every digest
  verify [NAME]  reads all files again and compares sizes and sha256; ends with 1 if one is wrong

  --from DIR|URL  take the files from a copy of the models folder (a disk, a mirror) and not from the web;
                  also for models whose manifest is only there (default: SURTITRE_MODEL_MIRROR)
  --unverified    take files for which the manifest knows no sha256
  --models DIR    folder of the models here (default: models)
  --help          this text

SURTITRE_MODEL_TOKEN is sent to the origin or mirror as a bearer token, for models that want one.
`;

interface Command {
  readonly verb: 'list' | 'get' | 'verify';
  readonly name: string | null;
  readonly from: string | null;
  readonly unverified: boolean;
  readonly models: string;
}

function readCommand(args: readonly string[]): Command | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [verb, name = null, ...rest] = positionals;
  if (verb !== 'list' && verb !== 'get' && verb !== 'verify') throw usage('say list, get or verify');
  if (rest.length > 0 || (verb === 'list' && name !== null)) throw usage('too many names');
  if (verb === 'get' && name === null) throw usage('get needs the name of a model');
  return {
    verb,
    name,
    from: values.from ?? (process.env.SURTITRE_MODEL_MIRROR || null),
    unverified: values.unverified ?? false,
    models: values.models ?? 'models',
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        unverified: { type: 'boolean' },
        models: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
}

function usage(fault: string): SurtitreError {
  return new SurtitreError('usage', `${fault}. See npm run model -- --help.`);
}

async function list(shelf: ModelShelf): Promise<void> {
  const rows = [['name', 'kind', 'languages', 'delay', 'size', 'here', 'licence']];
  for (const model of await shelf.list()) {
    const { name, kind, languages, delayMs, licence } = model.manifest;
    const delay = delayMs === 0 ? '–' : `${delayMs} ms`;
    rows.push([
      name,
      kind,
      languages.join(' '),
      delay,
      sizeOfModel(model),
      await shelf.stateOf(model),
      licence,
    ]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

function sizeOfModel({ manifest }: ShelvedModel): string {
  let bytes = 0;
  for (const file of manifest.files) {
    if (file.bytes === null) return 'unknown';
    bytes += file.bytes;
  }
  return megabytes(bytes);
}

async function get(shelf: ModelShelf, { name, from, unverified }: Command, progress: Progress) {
  const token = process.env.SURTITRE_MODEL_TOKEN || undefined;
  const { folder } = await shelf.fetch(name ?? '', {
    mirror: from === null ? null : mirrorSource(from, name ?? '', token),
    token,
    acceptUnverified: unverified,
    onProgress: (now) => progress.show(now),
    onFile: (file, verdict, fetched) => {
      progress.end();
      process.stdout.write(`${file.name}: ${fetched ? 'fetched' : 'was here'}, ${inWords(verdict)}\n`);
    },
  });
  process.stdout.write(`${folder} is complete.\n`);
}

/** Whether all is well. A model that was never fetched is no fault unless it is asked for by name. */
async function verify(shelf: ModelShelf, { name }: Command, progress: Progress): Promise<boolean> {
  const models = await shelf.list();
  const chosen = name === null ? models : models.filter(({ manifest }) => manifest.name === name);
  if (chosen.length === 0) throw usage(`no model is called ${name}`);
  let whole = true;
  for (const model of chosen) {
    const { manifest, folder } = model;
    if (name === null && (await shelf.stateOf(model)) === 'not fetched') {
      process.stdout.write(`${manifest.name}: not fetched\n`);
      continue;
    }
    for (const file of manifest.files) {
      const verdict = await verifyFile(join(folder, file.name), file, (bytes) =>
        progress.show({ file: file.name, bytes, totalBytes: file.bytes }),
      );
      progress.end();
      if (verdict.state !== 'verified' && verdict.state !== 'not-verified') whole = false;
      process.stdout.write(`${manifest.name}/${file.name}: ${inWords(verdict)}\n`);
    }
  }
  return whole;
}

function inWords(verdict: FileVerdict): string {
  if (verdict.state === 'verified') return 'verified';
  if (verdict.state === 'not-verified')
    return `NOT VERIFIED (no digest to compare with); its sha256 is ${verdict.sha256}`;
  if (verdict.state === 'missing') return 'MISSING';
  if (verdict.state === 'wrong-size')
    return `WRONG SIZE: ${verdict.found} bytes, the manifest wants ${verdict.expected}`;
  return `WRONG: its sha256 is ${verdict.found}, the manifest wants ${verdict.expected}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** One line on standard error: rewritten in place on a terminal, now and then elsewhere. */
class Progress {
  readonly #inPlace = process.stderr.isTTY === true;
  #shownMs = performance.now();
  #shown = false;

  show({ file, bytes, totalBytes }: FileProgress): void {
    const now = performance.now();
    if (now - this.#shownMs < (this.#inPlace ? 200 : 10_000)) return;
    this.#shownMs = now;
    this.#shown = true;
    const share = totalBytes ? ` of ${megabytes(totalBytes)} (${Math.floor((100 * bytes) / totalBytes)} %)` : '';
    const line = `${file}: ${megabytes(bytes)}${share}`;
    process.stderr.write(this.#inPlace ? `\r\u001b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (this.#shown && this.#inPlace) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }
}

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command === null) {
    process.stdout.write(HELP);
    return;
  }
  const shelf = new ModelShelf(command.models);
  const progress = new Progress();
  try {
    if (command.verb === 'list') await list(shelf);
    else if (command.verb === 'get') await get(shelf, command, progress);
    else if (!(await verify(shelf, command, progress))) process.exitCode = 1;
  } finally {
    progress.end();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SurtitreError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.code === 'usage' ? 2 : 1;
}
