/** Objects that JavaScript allocates while something runs, told apart by who made them. */
import { Session } from 'node:inspector/promises';

export interface Allocations {
  /** Bytes a round, of objects made in this repository's code. */
  readonly ownBytes: number;
  /** By the engine's binding to ONNX Runtime: result tensors and their views. */
  readonly onnxRuntimeBytes: number;
  /** By Node itself (timers, promises) and by whatever is not attributed. */
  readonly otherBytes: number;
  /** Functions of this repository that allocated, most first. */
  readonly own: readonly string[];
}

interface ProfileNode {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

/** Bytes between two samples of the profiler: small, so that little is missed. */
const SAMPLING_BYTES = 64;

/** Runs `work` and returns what was allocated, divided by `rounds`: also what was collected meanwhile. */
export async function countAllocations(work: () => Promise<void>, rounds: number): Promise<Allocations> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLING_BYTES,
    // Neither collector may hide what it took away.
    ...{ includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true },
  });
  await work();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const sums = { own: 0, onnxRuntime: 0, other: 0 };
  const functions = new Map<string, number>();
  const visit = (node: ProfileNode): void => {
    const { url, functionName, lineNumber } = node.callFrame;
    if (url.includes('onnxruntime')) sums.onnxRuntime += node.selfSize;
    else if (url.includes('/dist/agents/')) {
      sums.own += node.selfSize;
      const name = `${functionName} (${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1})`;
      functions.set(name, (functions.get(name) ?? 0) + node.selfSize);
    } else sums.other += node.selfSize;
    for (const child of node.children) visit(child);
  };
  visit(profile.head as ProfileNode);
  const own = [...functions].sort(([, a], [, b]) => b - a).slice(0, 8);
  return {
    ownBytes: Math.round(sums.own / rounds),
    onnxRuntimeBytes: Math.round(sums.onnxRuntime / rounds),
    otherBytes: Math.round(sums.other / rounds),
    own: own.map(([name, bytes]) => `${name}: ${Math.round(bytes / rounds)}`),
  };
}
