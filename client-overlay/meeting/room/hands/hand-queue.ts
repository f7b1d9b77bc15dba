/** Raised hands in the order in which they were raised; the gateway keeps the time. Pure. */
interface MayRaiseHand {
  readonly identity: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export function handQueue<Person extends MayRaiseHand>(people: readonly Person[]): Person[] {
  return people
    .filter((person) => raisedAtMs(person) > 0)
    .sort((a, b) => raisedAtMs(a) - raisedAtMs(b) || (a.identity < b.identity ? -1 : 1));
}

/** 0: not raised. */
function raisedAtMs({ attributes }: MayRaiseHand): number {
  const time = Number(attributes.hand ?? 0);
  return Number.isFinite(time) ? time : 0;
}
