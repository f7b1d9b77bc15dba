/** Whose words are written, and who is heard at the moment. */
import { useParticipants, useSpeakingParticipants } from '@livekit/components-react';
import { RoomEvent } from 'livekit-client';
import { useMessages } from '../language/language-provider.tsx';
import { isShownParticipant } from '../room/stage/shown-participants.ts';

export function SpeakerChoice(props: { readonly chosen: string; readonly onChoose: (name: string) => void }) {
  const { captioner } = useMessages();
  const people = useParticipants({ updateOnlyOn: [RoomEvent.ParticipantNameChanged] });
  const names = people
    .filter((person) => !person.isLocal && isShownParticipant(person))
    .map((person) => person.name ?? '')
    .filter((name) => name !== '');
  const choices = [...new Set(props.chosen === '' ? names : [...names, props.chosen])].sort((a, b) =>
    a.localeCompare(b),
  );
  return (
    <div className="device-select">
      <label htmlFor="caption-speaker">{captioner.speaker}</label>
      <select
        id="caption-speaker"
        className="field"
        value={props.chosen}
        onChange={(event) => props.onChoose(event.target.value)}
      >
        <option value="">{captioner.nobody}</option>
        {choices.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  );
}

export function CurrentSpeakers() {
  const { captioner, room } = useMessages();
  const names = useSpeakingParticipants().map((person) => person.name || room.someone);
  return (
    <p className="hint">{names.length === 0 ? captioner.silent : captioner.speaking(names.join(', '))}</p>
  );
}
