/** Where a link or a code is pasted. */
import { type FormEvent, useRef, useState } from 'react';
import { roomIdFromInput, roomPath } from '../addresses.ts';
import { useMessages } from '../language/language-provider.tsx';
import { goTo } from '../navigation.ts';

export function JoinForm() {
  const { home } = useMessages();
  const [mistaken, setMistaken] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const roomId = roomIdFromInput(input.current?.value ?? '');
    if (roomId === undefined) {
      setMistaken(true);
      input.current?.focus();
    } else {
      goTo(roomPath(roomId));
    }
  };

  return (
    <form className="join-form" onSubmit={submit} noValidate aria-label={home.joinTitle}>
      <label htmlFor="room-link">{home.joinLabel}</label>
      <div className="field-and-button">
        <input
          ref={input}
          id="room-link"
          className="field"
          type="text"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby="room-link-hint"
          aria-invalid={mistaken}
          onChange={() => setMistaken(false)}
        />
        <button type="submit" className="button">
          {home.join}
        </button>
      </div>
      <p id="room-link-hint" className={mistaken ? 'mistake' : 'hint'} role={mistaken ? 'alert' : undefined}>
        {mistaken ? home.joinMistake : home.joinHint}
      </p>
    </form>
  );
}
