/** Installs the locked dependencies when what lies in node_modules is not what package-lock.json names. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './command.mjs';
import { step } from './progress.mjs';

/** npm writes this file last, so it also tells an interrupted installation from a finished one. */
const INSTALLED = 'node_modules/.package-lock.json';
/** For which Node we installed: native packages of another release are not there or do not load. */
const INSTALLED_FOR = 'node_modules/.installed-for';

export async function installDependencies(root, { verbose }) {
  if (dependenciesAreCurrent(root)) return;
  // No package needs its install script: those with native parts bring them prebuilt, and onnxruntime-node's
  // would only download CUDA libraries (which its own variable says to leave out, should scripts run anyway).
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  await step('Installing dependencies', () => run(...npm(args), { cwd: root, env, verbose }));
  writeFileSync(join(root, INSTALLED_FOR), thisNode());
}

export function dependenciesAreCurrent(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(join(root, INSTALLED));
  if (wanted === null || installed === null || isForAnotherNode(root)) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const present = installed[path];
    // Optional packages are those for other systems.
    if (present === undefined) return entry.optional === true || entry.peer === true;
    const sameBytes = entry.integrity === undefined || present.integrity === entry.integrity;
    return present.version === entry.version && sameBytes;
  });
}

function isForAnotherNode(root) {
  const stamp = join(root, INSTALLED_FOR);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') !== thisNode();
}

function thisNode() {
  return `${process.versions.modules} ${process.platform} ${process.arch}`;
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return null; // absent or half written: install
  }
}

/** The npm that runs this script, else the one beside this Node, else the one on the PATH. */
function npm(args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return [process.execPath, [cli, ...args]];
  const name = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const beside = join(dirname(process.execPath), name);
  return [existsSync(beside) ? beside : name, args];
}
