/** The line being written: words that are gone, and the field for the one being typed. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import { splitTyped } from './typed-text.ts';

export function TypingField(props: {
  readonly lineSoFar: string;
  /** `words` may be empty where only the line ends. */
  readonly onWrite: (words: string, end: boolean) => void;
}) {
  const { captioner } = useMessages();
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const take = (text: string) => {
    const { ready, rest } = splitTyped(text);
    if (ready !== '') props.onWrite(ready, false);
    setTyped(rest);
  };
  const handleKey = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a character.
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    props.onWrite(typed.trim(), true);
    setTyped('');
  };
  return (
    <div className="typing">
      <label htmlFor="caption-text">{captioner.text}</label>
      <div className="typing-line">
        <span className="typed-words">{props.lineSoFar}</span>
        <input
          ref={field}
          id="caption-text"
          type="text"
          autoComplete="off"
          placeholder={props.lineSoFar === '' ? captioner.placeholder : ''}
          value={typed}
          onChange={(event) => {
            if ((event.nativeEvent as InputEvent).isComposing) setTyped(event.target.value);
            else take(event.target.value);
          }}
          onCompositionEnd={(event) => take(event.currentTarget.value)}
          onKeyDown={handleKey}
        />
      </div>
    </div>
  );
}
