/**
 * What package-lock.json promises about every package that is installed: its bytes, and that it runs nothing while
 * being installed. Pure, so that a test can show it a bad one.
 */

/** Packages that have an install script. None is run (`npm ci --ignore-scripts`); a new one here wants a look. */
export const KNOWN_INSTALL_SCRIPTS = ['msgpackr-extract', 'onnxruntime-node'];

/**
 * `faults`: sentences, none when all is well. `unverified`: optional packages for systems on which the file was not
 * made, whose bytes npm did not learn there; an installation on such a system does not check them.
 */
export function readLockFile(lock, knownInstallScripts = KNOWN_INSTALL_SCRIPTS) {
  const faults = [];
  const unverified = [];
  for (const [path, entry] of Object.entries(lock.packages ?? {})) {
    if (path === '' || entry.link) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (entry.hasInstallScript && !knownInstallScripts.includes(name)) {
      faults.push(`${name} ${entry.version} has an install script and is not listed in lock-file.mjs.`);
    }
    if (entry.resolved !== undefined) {
      faults.push(`${name} ${entry.version} names an address to fetch it from; the registry decides that.`);
    }
    if (entry.integrity?.startsWith('sha512-')) continue;
    if (entry.integrity === undefined && entry.optional && !isForThisKind(entry)) unverified.push(name);
    else faults.push(`${name} ${entry.version} has no SHA-512 of its bytes.`);
  }
  return { faults, unverified };
}

/** Linux on x86-64 with glibc: what images are built for and tests run on. */
function isForThisKind({ os, cpu, libc }) {
  const allows = (list, value) => list === undefined || list.includes(value);
  return allows(os, 'linux') && allows(cpu, 'x64') && allows(libc, 'glibc') && (os ?? cpu) !== undefined;
}
