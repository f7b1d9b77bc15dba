/** The folder of all models: which there are, and what of each has been fetched. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SurtitreError } from '../../runtime/errors.ts';
import { downloadFile } from './file-download.ts';
import { type FileSource, fetchManifest, webSource } from './file-source.ts';
import { MANIFEST_NAME } from './manifest-file.ts';
import { type FileVerdict, sizeOf, verifyFile } from './model-files.ts';
import { type ModelFile, ModelManifest, parseManifest, readManifest } from './model-manifest.ts';

export type ModelState = 'complete' | 'incomplete' | 'not fetched';

export interface ShelvedModel {
  readonly folder: string;
  readonly manifest: ModelManifest;
}

export interface FileProgress {
  readonly file: string;
  readonly bytes: number;
  readonly totalBytes: number | null;
}

export interface FetchOptions {
  /** A mirror; without one the files come from the manifest's origin. */
  readonly mirror: FileSource | null;
  readonly token: string | undefined;
  /** Also take files for which the manifest knows no digest. */
  readonly acceptUnverified: boolean;
  readonly onProgress: (progress: FileProgress) => void;
  readonly onFile: (file: ModelFile, verdict: FileVerdict, fetched: boolean) => void;
}

export class ModelShelf {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Every folder with a manifest, by name; fails with `model-broken` when one is not valid. */
  async list(): Promise<ShelvedModel[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch((cause: unknown) => {
      throw new SurtitreError('model-missing', `There is no folder of models at ${this.#folder}.`, { cause });
    });
    const models: ShelvedModel[] = [];
    for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const folder = join(this.#folder, name);
      if ((await sizeOf(join(folder, MANIFEST_NAME))) === null) continue;
      models.push({ folder, manifest: await readManifest(folder, ModelManifest) });
    }
    return models;
  }

  async find(name: string): Promise<ShelvedModel | null> {
    return (await this.list()).find(({ manifest }) => manifest.name === name) ?? null;
  }

  async stateOf({ folder, manifest }: ShelvedModel): Promise<ModelState> {
    let there = 0;
    for (const { name, bytes } of manifest.files) {
      const size = await sizeOf(join(folder, name));
      if (size !== null && (bytes === null || size === bytes)) there += 1;
    }
    if (there === manifest.files.length) return 'complete';
    return there === 0 ? 'not fetched' : 'incomplete';
  }

  /** Brings what is not there or damaged; a manifest that only the mirror has is kept when all its files are here. */
  async fetch(name: string, options: FetchOptions): Promise<ShelvedModel> {
    const known = await this.find(name);
    const text = known ? null : await this.#foreignManifest(name, options.mirror);
    const folder = known?.folder ?? join(this.#folder, name);
    const manifest = known?.manifest ?? parseManifest(text ?? '', ModelManifest, folder);
    if (manifest.name !== name) {
      throw new SurtitreError('model-unknown', `The mirror's manifest of ${name} is for ${manifest.name}.`);
    }
    for (const file of manifest.files) await this.#fetchFile(folder, manifest, file, options);
    if (text !== null) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${MANIFEST_NAME}.part`), text);
      await rename(join(folder, `${MANIFEST_NAME}.part`), join(folder, MANIFEST_NAME));
    }
    return { folder, manifest };
  }

  async #foreignManifest(name: string, mirror: FileSource | null): Promise<string> {
    if (mirror) return await fetchManifest(mirror);
    const names = (await this.list()).map(({ manifest }) => manifest.name);
    throw new SurtitreError(
      'model-unknown',
      `No model is called ${name}. There are: ${names.join(', ')}; --from takes others from a mirror.`,
    );
  }

  async #fetchFile(folder: string, manifest: ModelManifest, file: ModelFile, options: FetchOptions) {
    const target = join(folder, file.name);
    const present = await verifyFile(target, file, (bytes) =>
      options.onProgress({ file: file.name, bytes, totalBytes: file.bytes }),
    );
    if (present.state === 'verified' || present.state === 'not-verified') {
      options.onFile(file, present, false);
      return;
    }
    if (file.sha256 === null && !options.acceptUnverified) {
      throw new SurtitreError(
        'model-unverified',
        `No digest of ${file.name} is known here, so it could not be verified. Add --unverified to take it as it comes, and compare the sha256 that is shown with its publisher's.`,
      );
    }
    const source =
      options.mirror ?? (manifest.origin ? webSource(new URL(manifest.origin), options.token) : null);
    if (source === null) {
      throw new SurtitreError(
        'model-source-missing',
        `${file.name} of ${manifest.name} comes with the repository: use git checkout, or --from with a copy of models/.`,
      );
    }
    const onProgress = (bytes: number, totalBytes: number | null) =>
      options.onProgress({ file: file.name, bytes, totalBytes });
    options.onFile(file, await downloadFile({ source, file, target, onProgress }), true);
  }
}
