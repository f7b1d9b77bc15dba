/** Imported before anything else and by itself, so that an old Node still gets the sentence and not a stack. */
const MINIMUM = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
  console.error(
    `Surtitre needs Node ${MINIMUM.join('.')} or newer and this is ${process.version}. ` +
      'Install a current one from https://nodejs.org (20, 22 and 24 are known to work) and try again.',
  );
  process.exit(1);
}
