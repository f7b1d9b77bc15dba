/** Who is in the room. */
import { useIsMuted, useParticipants, useSortedParticipants } from '@livekit/components-react';
import { type Participant, Track } from 'livekit-client';
import { Mic, MicOff } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { SidePanelFrame } from '../side-panel-frame.tsx';
import { hueOf, initialsOf } from '../stage/initials.ts';
import { isShownParticipant } from '../stage/shown-participants.ts';

export function PeoplePanel({ onClose }: { readonly onClose: () => void }) {
  const { people } = useMessages();
  const participants = useSortedParticipants(useParticipants()).filter(isShownParticipant);
  return (
    <SidePanelFrame
      title={`${people.title} (${participants.length})`}
      closeName={people.close}
      onClose={onClose}
    >
      <ul className="people-list">
        {participants.map((participant) => (
          <PersonLine key={participant.identity} participant={participant} />
        ))}
      </ul>
    </SidePanelFrame>
  );
}

function PersonLine({ participant }: { readonly participant: Participant }) {
  const { people, room } = useMessages();
  const silent = useIsMuted({ participant, source: Track.Source.Microphone });
  const name = participant.name || room.someone;
  const isHost = participant.attributes.role === 'host';
  return (
    <li className="person">
      <span className="initials small" aria-hidden="true" data-hue={hueOf(participant.identity)}>
        {initialsOf(name)}
      </span>
      <span className="person-name">
        {participant.isLocal ? room.nameAndYou(name) : name}
        {isHost ? <span className="person-role">{people.host}</span> : null}
      </span>
      {silent ? (
        <MicOff role="img" aria-label={people.microphoneOff} size={18} />
      ) : (
        <Mic role="img" aria-label={people.microphoneOn} size={18} />
      )}
    </li>
  );
}
