/** A whole sound file by POST: heard as fast as the engine goes, answered with the list of its words. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SurtitreError } from '../../runtime/errors.ts';
import { decodeBytes } from '../audio/audio-file.ts';
import { NO_FREE_CHANNELS } from '../speech/moshi/moshi-message.ts';
import type { SpeechEngine, StreamLanguage } from '../speech/speech-engine.ts';
import { ClientStream } from './client-stream.ts';

/** 64 MiB: half an hour of uncompressed speech, many hours of Opus. */
const MAX_BODY_BYTES = 67_108_864;

type WordMessage =
  | { readonly type: 'Word'; readonly text: string; readonly start_time: number }
  | { readonly type: 'EndWord'; readonly stop_time: number };

/** A message for the client, and the HTTP status that goes with it. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Answers the request; never rejects. The caller has taken a slot for it. */
export async function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  engine: SpeechEngine,
  language: StreamLanguage,
): Promise<void> {
  try {
    const body = await readBody(request);
    const words: WordMessage[] = [];
    const stream = new ClientStream({
      engine,
      language,
      send: (message) => {
        if (message.type === 'Word')
          words.push({ type: 'Word', text: message.text, start_time: message.startTime });
        if (message.type === 'EndWord') words.push({ type: 'EndWord', stop_time: message.stopTime });
      },
    });
    const gone = new Promise<void>((resolve) => {
      response.once('close', () => {
        stream.close();
        resolve();
      });
    });
    await Promise.race([hearAll(stream, body), gone]);
    stream.close();
    if (!response.destroyed) answerJson(response, 200, words);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    if (!response.destroyed) answerJson(response, refusal.status, { error: refusal.message });
  }
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

async function hearAll(stream: ClientStream, body: Uint8Array): Promise<void> {
  for await (const { samples, sampleRateHz } of decodeBytes(body)) {
    await stream.untilKeepingUp();
    await stream.hear(samples, sampleRateHz);
  }
  await stream.finish();
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const tooLarge = `the file is larger than ${MAX_BODY_BYTES} bytes`;
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw new Refusal(413, tooLarge);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MAX_BODY_BYTES) throw new Refusal(413, tooLarge);
  }
  return Buffer.concat(chunks);
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (!(error instanceof SurtitreError)) return null;
  if (error.code === 'engine-full') return new Refusal(503, NO_FREE_CHANNELS);
  return new Refusal(error.code === 'audio-unknown-format' ? 415 : 422, error.message);
}
