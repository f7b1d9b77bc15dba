/** Whether a room's metadata says that nothing may be heard: {"offRecord":true}. The gateway writes it there. Pure. */
export function offRecordIn(metadata: string | undefined): boolean {
  try {
    const parsed: unknown = JSON.parse(metadata ?? '');
    return (
      typeof parsed === 'object' && parsed !== null && 'offRecord' in parsed && parsed.offRecord === true
    );
  } catch {
    return false; // no metadata, or another product's
  }
}
