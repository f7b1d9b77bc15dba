/**
 * JSON lines on standard output: a static message and fields. Info is one line per change of lifecycle, nothing
 * per frame. Caption text, names and tokens are never logged; the redaction is a second line of defence.
 */
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export function createLog(process: string, level = 'info'): Logger {
  return pino({
    level,
    base: { process },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['token', '*.token', 'secret', '*.secret', 'name', '*.name', 'text', '*.text'],
      remove: true,
    },
  });
}
