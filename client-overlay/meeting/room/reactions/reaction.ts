/** The reactions there are, and how one travels: a data message to everybody in the room. Pure. */
export const REACTIONS = ['agree', 'applause', 'heart', 'laugh', 'slower'] as const;
export type Reaction = (typeof REACTIONS)[number];

export const REACTION_TOPIC = 'surtitre.reaction';

export function packReaction(reaction: Reaction): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({ reaction }));
}

/** Null for anything else: whoever is in the room can send anything. */
export function unpackReaction(payload: Uint8Array): Reaction | null {
  try {
    const { reaction } = JSON.parse(new TextDecoder().decode(payload)) as { reaction?: unknown };
    return REACTIONS.find((known) => known === reaction) ?? null;
  } catch {
    return null;
  }
}
