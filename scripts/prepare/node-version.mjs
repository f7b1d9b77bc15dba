/** Imported before anything else and by itself, so that another Node still gets the sentence and not a stack. */
const OLDEST = [20, 19];
/** The native WebSocket server is built for these releases. */
const MAJORS = [20, 22, 23];

const [major, minor] = process.versions.node.split('.').map(Number);
if (!MAJORS.includes(major) || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(
    `Surtitre needs Node 22, or 20 from ${OLDEST.join('.')} on, and this is ${process.version}. ` +
      'Install one from https://nodejs.org and try again.',
  );
  process.exit(1);
}
