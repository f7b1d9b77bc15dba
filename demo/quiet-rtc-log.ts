/**
 * Imported before rtc-node, whose own log cannot be configured: it reads NODE_ENV once, tells every received
 * packet unless that is `production`, and writes where `process.stdout.fd` points. With `--json` the document
 * must be alone on standard output, so what rtc-node still has to say goes to standard error.
 */
process.env.NODE_ENV ??= 'production';
if (process.argv.includes('--json')) Object.defineProperty(process.stdout, 'fd', { value: 2 });
