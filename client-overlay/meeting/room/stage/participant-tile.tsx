/** One participant's picture, or initials, with the name and whether they can be and are heard. */
import {
  isTrackReference,
  type TrackReferenceOrPlaceholder,
  useConnectionQualityIndicator,
  useIsMuted,
  useIsSpeaking,
  VideoTrack,
} from '@livekit/components-react';
import { ConnectionQuality, Track } from 'livekit-client';
import { AudioLines, Hand, Maximize2, MicOff, Minimize2, MonitorUp, WifiLow } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { useHandPlace } from '../people/use-hand-place.ts';
import { hueOf, initialsOf } from './initials.ts';
import { useSeenPicture } from './use-seen-picture.ts';

export function ParticipantTile(props: {
  readonly tile: TrackReferenceOrPlaceholder;
  readonly onEnlarge?: ((tile: TrackReferenceOrPlaceholder) => void) | undefined;
  readonly onRestore?: () => void;
}) {
  const { tile } = props;
  const { room } = useMessages();
  const { participant } = tile;
  const isScreen = tile.source === Track.Source.ScreenShare;
  const name = participant.name || room.someone;
  const title = isScreen
    ? participant.isLocal
      ? room.yourScreen
      : room.screenOf(name)
    : participant.isLocal
      ? room.nameAndYou(name)
      : name;
  const silent = useIsMuted({ participant, source: Track.Source.Microphone });
  const speaking = useIsSpeaking(participant) && !isScreen && !silent;
  const { quality } = useConnectionQualityIndicator({ participant });
  const weak = quality === ConnectionQuality.Poor || quality === ConnectionQuality.Lost;
  const place = useHandPlace(participant.identity);
  const pictureOff = useIsMuted(tile);
  useSeenPicture(tile);
  const picture = isTrackReference(tile) && !pictureOff ? tile : undefined;

  return (
    <div
      className="tile"
      data-speaking={speaking}
      data-screen={isScreen}
      data-mirrored={participant.isLocal && !isScreen}
    >
      {picture === undefined ? (
        <span className="initials" aria-hidden="true" data-hue={hueOf(participant.identity)}>
          {initialsOf(name)}
        </span>
      ) : (
        <VideoTrack trackRef={picture} aria-label={title} />
      )}
      <p className="name-plate">
        {isScreen ? <MonitorUp aria-hidden size={16} /> : null}
        {!isScreen && silent ? <MicOff role="img" aria-label={room.muted} size={16} /> : null}
        {speaking ? <AudioLines role="img" aria-label={room.speaking} size={16} /> : null}
        {weak && !isScreen ? (
          <WifiLow
            role="img"
            aria-label={quality === ConnectionQuality.Lost ? room.lostConnection : room.weakConnection}
            size={16}
          />
        ) : null}
        <span className="name">{title}</span>
      </p>
      {place === 0 || isScreen ? null : (
        <p className="hand-plate" role="img" aria-label={room.handRaised(place)}>
          <Hand aria-hidden size={18} />
          {place}
        </p>
      )}
      {props.onEnlarge === undefined ? null : (
        <button
          type="button"
          className="tile-button"
          aria-label={room.pin(title)}
          onClick={() => props.onEnlarge?.(tile)}
        >
          <Maximize2 aria-hidden size={18} />
        </button>
      )}
      {props.onRestore === undefined ? null : (
        <button type="button" className="tile-button" aria-label={room.unpin} onClick={props.onRestore}>
          <Minimize2 aria-hidden size={18} />
        </button>
      )}
    </div>
  );
}
