/** What the status page reads: `GET /api/operator/status`, with the operator's token. */
import { type Static, Type } from 'typebox';

/** A histogram since the process started. `counts[i]`: observations up to `boundsS[i]`; the last bound is infinite. */
export const LatencyHistogram = Type.Object({
  /** `glass_to_glass`, or a stage of the path of a word. */
  name: Type.String(),
  boundsS: Type.Array(Type.Number(), { description: 'Finite upper bounds in seconds, ascending.' }),
  counts: Type.Array(Type.Number(), { description: 'Cumulative; one more than bounds: the last is of all.' }),
});
export type LatencyHistogram = Static<typeof LatencyHistogram>;

export const OperatorStatus = Type.Object({
  atMs: Type.Number({ description: 'Unix time in ms.' }),
  startedAtMs: Type.Number({ description: 'Another one means that all totals began again at 0.' }),
  node: Type.String({ description: 'Which gateway answers.' }),
  latencies: Type.Array(LatencyHistogram),
  now: Type.Object({
    rooms: Type.Number(),
    viewers: Type.Number(),
    agents: Type.Number(),
    slots: Type.Number(),
    slotsUsed: Type.Number(),
    microphones: Type.Number(),
    bufferedBytes: Type.Number(),
    draining: Type.Boolean(),
  }),
  totals: Type.Object({
    frames: Type.Number({ description: 'Of captions, published.' }),
    deliveries: Type.Number(),
    lostFrames: Type.Number({ description: 'Holes in what agents sent: words that will not come.' }),
    incompleteRecoveries: Type.Number({ description: 'Viewers that were told of a gap on their return.' }),
    slowViewers: Type.Number({ description: 'Closed because they read too slowly.' }),
    lostAudioS: Type.Number({ description: 'Seconds that no agent heard.' }),
    refusedMicrophones: Type.Number(),
    refusals: Type.Number({ description: 'Tokens, origins and addresses.' }),
  }),
});
export type OperatorStatus = Static<typeof OperatorStatus>;
