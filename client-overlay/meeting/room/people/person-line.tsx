/** One person in the list: name, role, hand, connection, microphone, and what the host can do. */
import {
  useConnectionQualityIndicator,
  useIsMuted,
  useParticipantAttributes,
} from '@livekit/components-react';
import { ConnectionQuality, type Participant, Track } from 'livekit-client';
import { Hand, Mic, MicOff, WifiLow } from 'lucide-react';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { hueOf, initialsOf } from '../stage/initials.ts';
import { PersonMenu } from './person-menu.tsx';
import { useHandPlace } from './use-hand-place.ts';

export function PersonLine(props: {
  readonly participant: Participant;
  readonly host: HostService | undefined;
}) {
  const { people, room } = useMessages();
  const { participant, host } = props;
  const silent = useIsMuted({ participant, source: Track.Source.Microphone });
  const { attributes } = useParticipantAttributes({ participant });
  const { quality } = useConnectionQualityIndicator({ participant });
  const place = useHandPlace(participant.identity);
  const name = participant.name || room.someone;
  const role = attributes?.role;
  const weak = quality === ConnectionQuality.Poor || quality === ConnectionQuality.Lost;
  return (
    <li className="person">
      <span className="initials small" aria-hidden="true" data-hue={hueOf(participant.identity)}>
        {initialsOf(name)}
      </span>
      <span className="person-name">
        {participant.isLocal ? room.nameAndYou(name) : name}
        {role === 'host' ? <span className="person-role">{people.host}</span> : null}
        {role === 'captioner' ? <span className="person-role">{people.captioner}</span> : null}
        {weak ? (
          <span className="person-connection">
            <WifiLow aria-hidden size={14} />
            {quality === ConnectionQuality.Lost ? people.connections.lost : people.connections.poor}
          </span>
        ) : null}
      </span>
      {place === 0 ? null : (
        <span className="person-hand" role="img" aria-label={room.handRaised(place)}>
          <Hand aria-hidden size={18} />
          {place}
        </span>
      )}
      {role === 'captioner' ? null : silent ? (
        <MicOff role="img" aria-label={people.microphoneOff} size={18} />
      ) : (
        <Mic role="img" aria-label={people.microphoneOn} size={18} />
      )}
      {host === undefined || participant.isLocal ? null : (
        <PersonMenu
          host={host}
          participant={participant}
          name={name}
          handRaised={place > 0}
          silent={silent}
        />
      )}
    </li>
  );
}
