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

export const CreateRoomRequest = Type.Object(
  { language: Type.Optional(RoomLanguage), captions: Type.Optional(CaptionMode) },
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

export const ParticipantList = Type.Object({
  participants: Type.Array(
    Type.Object({ identity: Type.String(), name: Type.String(), joinedAtMs: Type.Number() }),
  ),
});
export type ParticipantList = Static<typeof ParticipantList>;

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
