/** Who is in the room, who wants to speak, and, for the host, who waits outside. */
import { useParticipants } from '@livekit/components-react';
import { type Participant, RoomEvent } from 'livekit-client';
import { useState } from 'react';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useHandQueue } from '../hands/use-hand-queue.ts';
import type { WaitingPeople } from '../host/use-waiting-people.ts';
import { WaitingPeopleList } from '../host/waiting-list.tsx';
import { SidePanelFrame } from '../side-panel-frame.tsx';
import { isShownParticipant } from '../stage/shown-participants.ts';
import { inNameOrder, matchingPeople } from './people-list.ts';
import { PersonLine } from './person-line.tsx';

/** Below this a list is seen at a glance. */
const SEARCH_FROM = 8;

export function PeoplePanel(props: {
  readonly host: HostService | undefined;
  readonly waiting: WaitingPeople;
  readonly onClose: () => void;
}) {
  const { people: words } = useMessages();
  const [sought, setSought] = useState('');
  const everyone = inNameOrder(
    useParticipants({ updateOnlyOn: [RoomEvent.ParticipantNameChanged] }).filter(isShownParticipant),
  );
  const hands = useHandQueue();
  const found = matchingPeople(everyone, sought);
  const line = (person: Participant) => (
    <PersonLine key={person.identity} participant={person} host={props.host} />
  );
  return (
    <SidePanelFrame
      title={`${words.title} (${everyone.length})`}
      closeName={words.close}
      onClose={props.onClose}
    >
      {everyone.length < SEARCH_FROM && sought === '' ? null : (
        <div className="panel-search">
          <label className="for-ears" htmlFor="people-search">
            {words.search}
          </label>
          <input
            id="people-search"
            className="field"
            type="search"
            placeholder={words.search}
            value={sought}
            onChange={(event) => setSought(event.target.value)}
          />
          <p className="for-ears" role="status">
            {sought === '' ? '' : words.found(found.length)}
          </p>
        </div>
      )}
      <div className="panel-body">
        {props.host === undefined ? null : <WaitingPeopleList host={props.host} waiting={props.waiting} />}
        {hands.length === 0 ? null : (
          <section className="panel-section">
            <h3>{words.hands}</h3>
            <ol className="people-list">{hands.map(line)}</ol>
          </section>
        )}
        <section className="panel-section">
          {hands.length === 0 ? null : <h3>{words.everyone}</h3>}
          {found.length === 0 ? <p className="hint">{words.nobody}</p> : null}
          <ul className="people-list">{found.map(line)}</ul>
        </section>
      </div>
    </SidePanelFrame>
  );
}
