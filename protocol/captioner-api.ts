/** The HTTP API of human captioners (CART): how one is invited, and the feed that they, or their software, write. */
import { type Static, Type } from 'typebox';
import { CaptionsAccess } from './room-api.ts';

/** A line is at most so long in the feed; a longer one is ended and goes on in the next. UTF-16 units. */
export const MAX_FEED_TEXT = 1_000;

export const InviteCaptionerRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80, description: 'Whom viewers see as the writer.' }),
    speaker: Type.Optional(
      Type.Object(
        {
          identity: Type.String({ minLength: 1, maxLength: 128 }),
          name: Type.String({ minLength: 1, maxLength: 80 }),
        },
        {
          additionalProperties: false,
          description: 'The participant whose words are written. Without it: everybody’s.',
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type InviteCaptionerRequest = Static<typeof InviteCaptionerRequest>;

export const CaptionerInvitation = Type.Object({
  captionerToken: Type.String({ description: 'Bearer token of the feed.' }),
  captionerTokenExpiresMs: Type.Number({ description: 'Unix time in ms.' }),
  feedPath: Type.String({ description: 'Where lines are sent.' }),
  pagePath: Type.String({ description: 'The captioner’s page, token included after the #.' }),
});
export type CaptionerInvitation = Static<typeof CaptionerInvitation>;

export const CaptionerJoinResponse = Type.Object({
  name: Type.String(),
  /** Null: the whole room. */
  speakerName: Type.Union([Type.String(), Type.Null()]),
  livekitUrl: Type.String(),
  livekitToken: Type.String({ description: 'To listen; nothing can be sent with it.' }),
  nextSequence: Type.Integer({ description: 'Where the feed goes on: 1 at first.' }),
  ...CaptionsAccess.properties,
});
export type CaptionerJoinResponse = Static<typeof CaptionerJoinResponse>;

export const SetCaptionerRequest = Type.Object(
  {
    writing: Type.Boolean({
      description:
        'true: the machine’s captions are kept back for another 30 s. false: they come back at once.',
    }),
  },
  { additionalProperties: false },
);
export type SetCaptionerRequest = Static<typeof SetCaptionerRequest>;

export const FeedRequest = Type.Object(
  {
    sequence: Type.Integer({ minimum: 1, maximum: 1_048_575, description: 'One more than the last.' }),
    text: Type.String({
      maxLength: MAX_FEED_TEXT,
      description: 'Empty only where it ends a line that is open.',
    }),
    language: Type.Optional(Type.Union([Type.Literal('fr'), Type.Literal('en')])),
    end: Type.Optional(
      Type.Boolean({ description: 'false: the line goes on with the next text. Default true.' }),
    ),
    speaker: Type.Optional(
      Type.String({ minLength: 1, maxLength: 80, description: 'Who speaks, when a line begins.' }),
    ),
    corrects: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_048_575,
        description: 'The text replaces the whole line of which this sequence number was a part.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type FeedRequest = Static<typeof FeedRequest>;

export const FeedResponse = Type.Object({
  sequence: Type.Integer({ description: 'The highest number taken.' }),
  duplicate: Type.Boolean({ description: 'It was taken before; nothing changed.' }),
  missing: Type.Integer({ description: 'Numbers left out just before this one. Viewers are told of a gap.' }),
});
export type FeedResponse = Static<typeof FeedResponse>;
