/**
 * Whether the processor adds up products of bytes without loss. x86 processors without VNNI add pairs of them in 16
 * bits, which saturates; ONNX Runtime then has kernels that do not, at the price of float32.
 */
import { readFileSync } from 'node:fs';

export function addsByteProductsExactly(
  architecture = process.arch,
  processorFile = '/proc/cpuinfo',
): boolean {
  if (architecture !== 'x64') return true;
  try {
    return /^flags\s*:.*\s(avx512_vnni|avx_vnni)\b/m.test(readFileSync(processorFile, 'utf8'));
  } catch {
    // Elsewhere than on Linux nobody tells: rather slow than wrong.
    return false;
  }
}
