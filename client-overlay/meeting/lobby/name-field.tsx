import type { Ref } from 'react';
import { useMessages } from '../language/language-provider.tsx';

/** The name under which a person is seen and captioned. */
export function NameField(props: {
  readonly ref: Ref<HTMLInputElement>;
  readonly name: string;
  readonly missing: boolean;
  readonly onChange: (name: string) => void;
}) {
  const { lobby } = useMessages();
  return (
    <>
      <label htmlFor="participant-name">{lobby.name}</label>
      <input
        ref={props.ref}
        id="participant-name"
        className="field"
        type="text"
        autoComplete="name"
        maxLength={80}
        value={props.name}
        aria-describedby="participant-name-hint"
        aria-invalid={props.missing}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <p
        id="participant-name-hint"
        className={props.missing ? 'mistake' : 'hint'}
        role={props.missing ? 'alert' : undefined}
      >
        {props.missing ? lobby.nameMissing : lobby.nameHint}
      </p>
    </>
  );
}
