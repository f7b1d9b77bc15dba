/** The HTTP API of the room and token service, as schemas. The gateway validates with them; clients take types. */
import { type Static, Type } from 'typebox';

export const CaptionMode = Type.Union(
  [Type.Literal('on-demand'), Type.Literal('always'), Type.Literal('off')],
  {
    description: 'on-demand: while a viewer wants captions; always: while the room is open; off: never.',
  },
);
export type CaptionMode = Static<typeof CaptionMode>;

export const RoomLanguage = Type.Union([Type.Literal('auto'), Type.Literal('fr'), Type.Literal('en')], {
  description: 'auto: each speaker’s language is taken from the first second of speech.',
});
export type RoomLanguage = Static<typeof RoomLanguage>;

export const RoomAccess = Type.Union(
  [Type.Literal('open'), Type.Literal('waiting-room'), Type.Literal('locked')],
  {
    description:
      'open: whoever has the link comes in; waiting-room: the host lets people in; locked: nobody else comes in.',
  },
);
export type RoomAccess = Static<typeof RoomAccess>;

export const CreateRoomRequest = Type.Object(
  {
    language: Type.Optional(RoomLanguage),
    captions: Type.Optional(CaptionMode),
    access: Type.Optional(RoomAccess),
  },
  { additionalProperties: false },
);
export type CreateRoomRequest = Static<typeof CreateRoomRequest>;

export const CreateRoomResponse = Type.Object({
  roomId: Type.String(),
  hostKey: Type.String({
    description: 'Gives the holder the host’s rights in this room. Only the creator gets it.',
  }),
});
export type CreateRoomResponse = Static<typeof CreateRoomResponse>;

export const RoomParams = Type.Object({ roomId: Type.String({ minLength: 8, maxLength: 64 }) });
export type RoomParams = Static<typeof RoomParams>;

export const RoomInfo = Type.Object({ roomId: Type.String(), language: RoomLanguage });
export type RoomInfo = Static<typeof RoomInfo>;

export const JoinRoomRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    hostKey: Type.Optional(Type.String({ maxLength: 128 })),
    admission: Type.Optional(
      Type.String({
        maxLength: 4_096,
        description: 'What the waiting room gave to somebody whom the host let in.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type JoinRoomRequest = Static<typeof JoinRoomRequest>;

export const CaptionsAccess = Type.Object({
  captionsUrl: Type.String({ description: 'WebSocket address of the caption stream.' }),
  captionsToken: Type.String(),
  captionsTokenExpiresMs: Type.Number({ description: 'Unix time in ms.' }),
});
export type CaptionsAccess = Static<typeof CaptionsAccess>;

export const JoinRoomResponse = Type.Object({
  roomId: Type.String(),
  identity: Type.String(),
  name: Type.String(),
  role: Type.Union([Type.Literal('host'), Type.Literal('guest')]),
  livekitUrl: Type.String(),
  livekitToken: Type.String(),
  ...CaptionsAccess.properties,
});
export type JoinRoomResponse = Static<typeof JoinRoomResponse>;

/**
 * The answer (202) to somebody who has to wait. The token opens a LiveKit room in which one hears and sees nobody; the
 * participant's attribute `decision` becomes `admitted`, with `admission` to join with, or `refused`.
 */
export const WaitingResponse = Type.Object({
  waiting: Type.Literal(true),
  roomId: Type.String(),
  livekitUrl: Type.String(),
  livekitToken: Type.String(),
});
export type WaitingResponse = Static<typeof WaitingResponse>;

export const ParticipantList = Type.Object({
  participants: Type.Array(
    Type.Object({ identity: Type.String(), name: Type.String(), joinedAtMs: Type.Number() }),
  ),
});
export type ParticipantList = Static<typeof ParticipantList>;

export const ParticipantParams = Type.Object({
  roomId: RoomParams.properties.roomId,
  identity: Type.String({ minLength: 1, maxLength: 128 }),
});

export const SetAccessRequest = Type.Object({ access: RoomAccess }, { additionalProperties: false });
export type SetAccessRequest = Static<typeof SetAccessRequest>;

export const WaitingList = Type.Object({
  waiting: Type.Array(Type.Object({ identity: Type.String(), name: Type.String(), sinceMs: Type.Number() })),
});
export type WaitingList = Static<typeof WaitingList>;

export const DecideRequest = Type.Object(
  {
    decision: Type.Union([Type.Literal('admit'), Type.Literal('refuse')]),
    identity: Type.Optional(Type.String({ maxLength: 128, description: 'Without it: everybody who waits.' })),
  },
  { additionalProperties: false },
);
export type DecideRequest = Static<typeof DecideRequest>;

export const DecideResponse = Type.Object({ decided: Type.Integer() });
export type DecideResponse = Static<typeof DecideResponse>;

export const MuteSource = Type.Union([
  Type.Literal('microphone'),
  Type.Literal('camera'),
  Type.Literal('screen-share'),
]);
export type MuteSource = Static<typeof MuteSource>;

export const MuteRequest = Type.Object({ source: MuteSource }, { additionalProperties: false });
export type MuteRequest = Static<typeof MuteRequest>;

export const MuteAllRequest = Type.Object(
  {
    except: Type.Optional(
      Type.String({ maxLength: 128, description: 'An identity, mostly the host’s own.' }),
    ),
  },
  { additionalProperties: false },
);
export type MuteAllRequest = Static<typeof MuteAllRequest>;

export const RaiseHandRequest = Type.Object({ raised: Type.Boolean() }, { additionalProperties: false });
export type RaiseHandRequest = Static<typeof RaiseHandRequest>;

export const SetCaptionsRequest = Type.Object({ mode: CaptionMode }, { additionalProperties: false });
export type SetCaptionsRequest = Static<typeof SetCaptionsRequest>;

export const SetOffRecordRequest = Type.Object(
  {
    offRecord: Type.Boolean({
      description: 'true: nothing is heard, captioned or kept until it is false again.',
    }),
  },
  { additionalProperties: false },
);
export type SetOffRecordRequest = Static<typeof SetOffRecordRequest>;

export const DeploymentInfo = Type.Object({
  demoAvailable: Type.Boolean({ description: 'Whether a demo speaker can be asked into a room.' }),
  languages: Type.Array(RoomLanguage),
  recordingAvailable: Type.Boolean({ description: 'Whether meetings can be recorded (LiveKit Egress).' }),
  captionRetentionS: Type.Number({ description: 'How long a room’s captions are kept, at most.' }),
});
export type DeploymentInfo = Static<typeof DeploymentInfo>;

/** RFC 9457. `field` is the JSON pointer of the input at fault, where there is one. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  field: Type.Optional(Type.String()),
});
export type Problem = Static<typeof Problem>;
