/** The recogniser of recordings for a model folder of either kind. Fails with what reading or loading the model fails with. */
import { readModelKind } from '../models/manifest-file.ts';
import type { Recogniser } from './recording.ts';
import { FileRecogniser as StepRecogniser } from './streaming/file-recogniser.ts';
import { FileRecogniser as WindowedRecogniser } from './windowed/file-recogniser.ts';

/** `threads`: of ONNX Runtime. */
export async function openRecogniser(modelFolder: string, threads: number): Promise<Recogniser> {
  return (await readModelKind(modelFolder)) === 'step'
    ? StepRecogniser.open({ modelFolder, threads })
    : WindowedRecogniser.open(modelFolder, threads);
}
