/**
 * A step graph as ONNX Runtime runs it, checked against its manifest when it is loaded: a graph of another version
 * must be refused with a sentence, not with wrong captions. `run()` blocks its thread.
 */
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { modelBroken } from '../../models/manifest-file.ts';
import { addsByteProductsExactly } from './byte-products.ts';
import type { StepModelFiles } from './model-folder.ts';
import { type ElementArray, type ElementType, isElementType } from './slot-array.ts';
import type { StepManifest } from './step-manifest.ts';

export type StepFeeds = Readonly<Record<string, Tensor>>;

export class StepSession {
  readonly files: StepModelFiles;
  readonly #session: InferenceSession;
  readonly #fetches: readonly string[];
  readonly #tokenWidth: number;

  private constructor(files: StepModelFiles, session: InferenceSession) {
    this.files = files;
    this.#session = session;
    this.#fetches = outputsOf(files.manifest).map(({ name }) => name);
    const tokens = session.outputMetadata.find(({ name }) => name === this.tokenOutput);
    this.#tokenWidth = tokens?.isTensor && tokens.type === 'int64' ? 2 : 1;
  }

  /**
   * Fails with `model-broken`: the graph cannot be loaded, or is not what the manifest says. `exactBytes`: what the
   * processor does with products of bytes; ONNX Runtime avoids its fast kernels if they would be wrong.
   */
  static async load(
    files: StepModelFiles,
    threads: number,
    exactBytes = addsByteProductsExactly(),
  ): Promise<StepSession> {
    const session = await InferenceSession.create(files.graphPath, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionProviders: ['cpu'],
      extra: {
        session: {
          // Spinning burns a core after every run, for nothing: runs are far apart.
          intra_op: { allow_spinning: '0' },
          inter_op: { allow_spinning: '0' },
          x64quantprecision: exactBytes ? '0' : '1',
        },
      },
    }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw modelBroken(files.folder, `ONNX Runtime refuses ${files.manifest.graph} (${reason})`);
    });
    const faults = graphFaults(files.manifest, session);
    if (faults.length > 0) {
      await session.release();
      throw modelBroken(files.folder, faults.join('; '));
    }
    return new StepSession(files, session);
  }

  /** Name of the output with the tokens, and numbers per token in its {@link outputData}. */
  get tokenOutput(): string {
    return this.files.manifest.text.output;
  }

  get tokenWidth(): number {
    return this.#tokenWidth;
  }

  /** Name of the output that says how long ago a token was spoken, if the graph has one. */
  get agoOutput(): string | undefined {
    return this.files.manifest.text.ago;
  }

  /** Element type of an input. */
  typeOf(input: string): ElementType {
    const found = this.#session.inputMetadata.find(({ name }) => name === input);
    return found?.isTensor && isElementType(found.type) ? found.type : 'float32';
  }

  run(feeds: StepFeeds): Promise<InferenceSession.OnnxValueMapType> {
    return this.#session.run(feeds, this.#fetches as string[]);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** What the graph returned under a name: numbers as they lie in memory, 64-bit integers as two halves. */
export function outputData(values: InferenceSession.OnnxValueMapType, name: string): ElementArray {
  const data = (values[name] as Tensor).data as ElementArray | BigInt64Array;
  return data instanceof BigInt64Array ? new Int32Array(data.buffer, data.byteOffset, data.length * 2) : data;
}

interface Expected {
  readonly name: string;
  /** Without the batch axis. */
  readonly shape: readonly number[];
  readonly types: readonly string[] | null;
}

const FLOATS = ['float32'];
const INTEGERS = ['int32', 'int64'];

function inputsOf({ audio, stepSamples, rings, masks, carries, counters, text }: StepManifest): Expected[] {
  const state = (name: string, shape: readonly number[]): Expected => ({ name, shape, types: null });
  return [
    { name: audio.input, shape: [audio.before + stepSamples + audio.after], types: FLOATS },
    ...rings.map(({ input, shape }) => state(input, shape)),
    ...carries.map(({ input, shape }) => state(input, shape)),
    ...masks.map(({ input, ring, rows = [{}] }) => {
      const spec = rings.find((candidate) => candidate.input === ring);
      return { name: input, shape: [rows.length, spec?.shape[spec.columnAxis] ?? 0], types: FLOATS };
    }),
    ...counters.map(({ input }) => ({ name: input, shape: [], types: INTEGERS })),
    ...('feedback' in text ? [{ name: text.feedback.input, shape: [], types: INTEGERS }] : []),
  ];
}

function outputsOf({ rings, carries, text }: StepManifest): Expected[] {
  return [
    { name: text.output, shape: text.rule === 'ctc' ? [text.perStep] : [], types: INTEGERS },
    ...(text.ago === undefined ? [] : [{ name: text.ago, shape: [], types: FLOATS }]),
    ...rings.map(({ output, shape, columnAxis, columns }) => ({
      name: output,
      shape: shape.with(columnAxis, columns),
      types: null,
    })),
    ...carries.map(({ output, shape }) => ({ name: output, shape, types: null })),
  ];
}

function graphFaults(manifest: StepManifest, session: InferenceSession): string[] {
  const inputs = inputsOf(manifest);
  const unknown = session.inputNames.filter((name) => !inputs.some((input) => input.name === name));
  return [
    ...inputs.flatMap((input) => faultsOf('input', input, session.inputMetadata)),
    ...unknown.map((name) => `input "${name}" is not in the manifest`),
    ...outputsOf(manifest).flatMap((output) => faultsOf('output', output, session.outputMetadata)),
  ];
}

function faultsOf(
  side: string,
  { name, shape, types }: Expected,
  metadata: readonly InferenceSession.ValueMetadata[],
): string[] {
  const found = metadata.find((candidate) => candidate.name === name);
  if (!found?.isTensor) return [`the graph has no ${side} "${name}"`];
  const faults: string[] = [];
  if (!isElementType(found.type) || (types && !types.includes(found.type))) {
    faults.push(
      `${side} "${name}" is of type ${found.type}, not ${types?.join(' or ') ?? 'one that is kept'}`,
    );
  }
  const [batch, ...own] = found.shape;
  // Exporters leave axes of outputs symbolic; the batch must be so.
  const fits =
    own.length === shape.length && own.every((axis, i) => typeof axis === 'string' || axis === shape[i]);
  if (typeof batch === 'number' || !fits) {
    faults.push(`${side} "${name}" has the shape [${found.shape.join(', ')}], not [B, ${shape.join(', ')}]`);
  }
  return faults;
}
