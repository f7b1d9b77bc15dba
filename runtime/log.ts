/**
 * JSON lines on standard output: a static message and fields. Info is one line per change of lifecycle, nothing
 * per frame. Caption text, names and tokens are never logged; the redaction is a second line of defence. A room's
 * id lets whoever has it into the room: its beginning is enough to tell rooms apart.
 */
import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** `destination`: standard output if not given. */
export function createLog(process: string, level = 'info', destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { process },
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.err, room: shortenRoom },
    redact: {
      paths: ['token', '*.token', 'secret', '*.secret', 'name', '*.name', 'text', '*.text'],
      remove: true,
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const ROOM_CHARACTERS = 9;

function shortenRoom(room: unknown): unknown {
  if (typeof room !== 'string' || room.length <= ROOM_CHARACTERS) return room;
  return `${room.slice(0, ROOM_CHARACTERS)}…`;
}
