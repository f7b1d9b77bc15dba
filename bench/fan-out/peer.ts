/** What is compared: a server that passes captions on, the same updates for all of them. */

/** One piece of text of one speaker, as a step of the model brings it. */
export interface Update {
  readonly utterance: number;
  readonly offset: number;
  /** Holds the mark by which the load client knows it, and when it was published. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What viewers of one room send: the upgrade request, then, once upgraded, WebSocket frames. */
export interface ViewerGroup {
  readonly request: Buffer;
  readonly hello: Buffer;
}

export interface RunningPeer {
  /** Whose processor time is counted. */
  readonly pid: number;
  readonly port: number;
  /** One per room. */
  readonly groups: readonly ViewerGroup[];
  /** What one step brought for one room. */
  publish(room: number, updates: readonly Update[]): void;
  close(): Promise<void>;
}

export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Its configuration, as far as it is not the default. */
  readonly configuration: string;
  start(rooms: number): Promise<RunningPeer>;
}
