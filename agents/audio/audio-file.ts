/**
 * Reads a sound file (wav, flac, mp3, ogg, opus, aiff; any rate, any number of channels) as mono 16-bit samples
 * at the rate asked for, piece by piece, so that a recording of hours needs no more memory than a short one.
 *
 * Fails with a {@link SurtitreError}: `audio-unreadable` (no such file, not permitted), `audio-unknown-format`,
 * `audio-broken` (the decoder gave up) or `audio-empty`.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { decodeChunked } from 'audio-decode';
import { SurtitreError } from '../../runtime/errors.ts';
import { type AudioFormat, detectAudioFormat, FORMAT_PROBE_BYTES } from './audio-format.ts';
import { toInt16 } from './int16-samples.ts';
import { createResampler, type Resampler } from './resample.ts';

const READ_BYTES = 256 * 1024;

/** Yields consecutive pieces of at most a few seconds; the generator closes the file however it ends. */
export async function* readAudioFile(path: string, sampleRateHz: number): AsyncGenerator<Int16Array> {
  let resampler: Resampler | null = null;
  try {
    for await (const { channelData, sampleRate } of decodedPieces(path)) {
      resampler ??= await createResampler(sampleRate, sampleRateHz);
      const samples = toInt16(resampler.push(mixDown(channelData)));
      if (samples.length > 0) yield samples;
    }
    const tail = toInt16(resampler?.end() ?? new Float32Array(0));
    if (tail.length > 0) yield tail;
  } finally {
    resampler?.close();
  }
}

/** Length of the sound, by decoding it up to `maxSeconds`: fails like {@link readAudioFile} does. */
export async function audioFileSeconds(path: string, maxSeconds = Number.POSITIVE_INFINITY): Promise<number> {
  let seconds = 0;
  for await (const { channelData, sampleRate } of decodedPieces(path)) {
    seconds += (channelData[0]?.length ?? 0) / sampleRate;
    if (seconds >= maxSeconds) return maxSeconds;
  }
  return seconds;
}

/** A file that is already in memory, in pieces at its own rate. Fails like {@link readAudioFile} does. */
export async function* decodeBytes(
  bytes: Uint8Array,
): AsyncGenerator<{ readonly samples: Float32Array; readonly sampleRateHz: number }> {
  const name = 'the sound';
  if (bytes.length === 0) throw emptyAudio(name);
  const format = detectAudioFormat(bytes.subarray(0, FORMAT_PROBE_BYTES));
  if (format === null) throw unknownFormat(name);
  for await (const { channelData, sampleRate } of piecesOf(slicesOf(bytes), format, name)) {
    yield { samples: mixDown(channelData), sampleRateHz: sampleRate };
  }
}

interface DecodedPiece {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
}

/** Yields at least one piece that is not empty, or throws. */
async function* decodedPieces(path: string): AsyncGenerator<DecodedPiece> {
  const name = basename(path);
  const file = await openFile(path, name);
  try {
    yield* piecesOf(bytesOf(file), await detect(file, name), name);
  } finally {
    await file.close();
  }
}

async function* piecesOf(
  bytes: AsyncIterable<Uint8Array>,
  format: AudioFormat,
  name: string,
): AsyncGenerator<DecodedPiece> {
  let empty = true;
  try {
    for await (const { channelData, sampleRate } of decodeChunked(bytes, format)) {
      if ((channelData[0]?.length ?? 0) === 0) continue;
      empty = false;
      yield { channelData, sampleRate: checkedRate(sampleRate) };
    }
  } catch (cause) {
    throw new SurtitreError('audio-broken', `${name} cannot be decoded as ${format}: check that it plays.`, {
      cause,
    });
  }
  if (empty) throw new SurtitreError('audio-empty', `${name} holds no sound: give another file.`);
}

/** The whole file at once; refuses (`audio-too-long`) what is longer than `maxSeconds`. */
export async function loadAudioFile(
  path: string,
  sampleRateHz: number,
  maxSeconds = 600,
): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  let length = 0;
  for await (const piece of readAudioFile(path, sampleRateHz)) {
    pieces.push(piece);
    length += piece.length;
    if (length > maxSeconds * sampleRateHz) {
      throw new SurtitreError(
        'audio-too-long',
        `${basename(path)} is longer than ${maxSeconds} s: cut it into shorter files.`,
      );
    }
  }
  const whole = new Int16Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function openFile(path: string, name: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    throw new SurtitreError(
      'audio-unreadable',
      `${name} cannot be opened: check the path and its permissions.`,
      {
        cause,
      },
    );
  }
  throw new SurtitreError('audio-unreadable', `${name} is not a file: give the path of a sound file.`);
}

async function detect(file: FileHandle, name: string): Promise<AudioFormat> {
  const probe = new Uint8Array(FORMAT_PROBE_BYTES);
  const { bytesRead } = await file.read(probe, 0, probe.length, 0);
  if (bytesRead === 0) throw emptyAudio(name);
  const format = detectAudioFormat(probe.subarray(0, bytesRead));
  if (format === null) throw unknownFormat(name);
  return format;
}

function emptyAudio(name: string): SurtitreError {
  return new SurtitreError('audio-empty', `${name} is empty (0 bytes): give another file.`);
}

function unknownFormat(name: string): SurtitreError {
  return new SurtitreError(
    'audio-unknown-format',
    `${name} is not a wav, flac, mp3, ogg, opus or aiff file: convert it first.`,
  );
}

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += READ_BYTES) yield bytes.subarray(at, at + READ_BYTES);
}

async function* bytesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  let at = 0;
  while (true) {
    const chunk = new Uint8Array(READ_BYTES);
    const { bytesRead } = await file.read(chunk, 0, READ_BYTES, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

function checkedRate(sampleRateHz: number): number {
  if (sampleRateHz >= 4_000 && sampleRateHz <= 192_000) return sampleRateHz;
  throw new RangeError(`a sampling rate of ${sampleRateHz} Hz is not between 4 and 192 kHz`);
}

function mixDown(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = channels;
  if (others.length === 0) return first;
  const mono = new Float32Array(first.length);
  for (const channel of channels) {
    for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] ?? 0) + (channel[i] ?? 0) / channels.length;
  }
  return mono;
}
