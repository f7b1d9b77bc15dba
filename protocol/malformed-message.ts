/** Bytes from the network that are not a message of ours. Says what was expected, never what was received. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}
