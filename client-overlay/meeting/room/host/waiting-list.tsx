/** Who waits, with what the host can do about it. */

import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useHostAction } from './use-host-action.ts';
import type { WaitingPeople } from './use-waiting-people.ts';

export function WaitingPeopleList(props: { readonly host: HostService; readonly waiting: WaitingPeople }) {
  const { waiting: words, room } = useMessages();
  const act = useHostAction();
  const { people, refresh } = props.waiting;
  if (people.length === 0) return null;
  const decide = (decision: 'admit' | 'refuse', identity?: string) =>
    act(props.host.decide(decision, identity).finally(refresh));
  return (
    <section className="panel-section waiting-people" aria-label={words.list(people.length)}>
      <h3>{words.list(people.length)}</h3>
      <ul>
        {people.map(({ identity, name }) => (
          <li key={identity} className="person">
            <span className="person-name">{name || room.someone}</span>
            <button
              type="button"
              className="button small primary"
              aria-label={words.admit(name || room.someone)}
              onClick={() => decide('admit', identity)}
            >
              {words.admitShort}
            </button>
            <button
              type="button"
              className="button small"
              aria-label={words.refuse(name || room.someone)}
              onClick={() => decide('refuse', identity)}
            >
              {words.refuseShort}
            </button>
          </li>
        ))}
      </ul>
      {people.length > 1 ? (
        <button type="button" className="button small" onClick={() => decide('admit')}>
          {words.admitAll}
        </button>
      ) : null}
    </section>
  );
}
