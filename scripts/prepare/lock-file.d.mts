export const KNOWN_INSTALL_SCRIPTS: readonly string[];
export function readLockFile(
  lock: { readonly packages?: Readonly<Record<string, object>> },
  knownInstallScripts?: readonly string[],
): { readonly faults: readonly string[]; readonly unverified: readonly string[] };
