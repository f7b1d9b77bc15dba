/** Where a captioner works: hears the meeting, types, sees what viewers see, corrects. */
import { RoomAudioRenderer, RoomContext } from '@livekit/components-react';
import type { Room } from 'livekit-client';
import { useState } from 'react';
import type { CaptionerJoinResponse } from '../../../protocol/captioner-api.ts';
import type { CaptionerService } from '../api/captioner-service.ts';
import { RadioChoice } from '../form/radio-choice.tsx';
import { useLanguage, useMessages } from '../language/language-provider.tsx';
import { SoundNotice } from '../room/sound-notice.tsx';
import { CaptionsPreview } from './captions-preview.tsx';
import { CurrentSpeakers, SpeakerChoice } from './speaker-choice.tsx';
import { TypingField } from './typing-field.tsx';
import { useFeed } from './use-feed.ts';
import { WrittenLines } from './written-lines-list.tsx';

export function CaptionerDesk(props: {
  readonly service: CaptionerService;
  readonly access: CaptionerJoinResponse;
  readonly room: Room;
  readonly onLeave: () => void;
}) {
  const { captioner } = useMessages();
  const { access } = props;
  const [writing, setWriting] = useState(true);
  const [language, setLanguage] = useState(useLanguage());
  const [speaker, setSpeaker] = useState('');
  const feed = useFeed(props.service, access.nextSequence, writing);
  const last = feed.lines.at(-1);
  const lineSoFar = last?.state === 'open' ? last.text : '';

  const write = (words: string, end: boolean) => {
    setWriting(true);
    feed.write(words, { end, language, speaker: speaker === '' ? undefined : speaker });
  };
  const status =
    feed.state === 'offline'
      ? captioner.offline
      : feed.state === 'off'
        ? captioner.off
        : feed.state === 'refused'
          ? captioner.refused
          : writing
            ? captioner.writing
            : captioner.stopped;

  return (
    <RoomContext value={props.room}>
      <div className="desk">
        <header className="desk-head">
          <h1>{captioner.title}</h1>
          {access.speakerName === null ? null : <p>{captioner.forSpeaker(access.speakerName)}</p>}
        </header>
        <SoundNotice />
        <CaptionsPreview service={props.service} access={access} />
        <p
          className="desk-status"
          role="status"
          data-problem={feed.state === 'offline' || feed.state === 'off' || feed.state === 'refused'}
        >
          {status}
        </p>
        <TypingField lineSoFar={lineSoFar} onWrite={write} />
        <div className="desk-choices">
          <RadioChoice
            name="caption-language"
            legend={captioner.language}
            choices={['fr', 'en']}
            labels={captioner.languages}
            chosen={language}
            onChoose={setLanguage}
            inRow
          />
          {access.speakerName === null ? <SpeakerChoice chosen={speaker} onChoose={setSpeaker} /> : null}
          <CurrentSpeakers />
        </div>
        <WrittenLines lines={feed.lines} acknowledged={feed.acknowledged} onCorrect={feed.correct} />
        <div className="actions">
          <button type="button" className="button" onClick={() => setWriting(!writing)}>
            {writing ? captioner.pause : captioner.resume}
          </button>
          <button type="button" className="button" onClick={props.onLeave}>
            {captioner.leave}
          </button>
        </div>
        <RoomAudioRenderer />
      </div>
    </RoomContext>
  );
}
