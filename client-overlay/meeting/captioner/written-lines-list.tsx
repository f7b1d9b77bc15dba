/** The last lines, newest first, each of which can be corrected. */
import { PenLine } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import type { WrittenLine } from './written-lines.ts';

const SHOWN_LINES = 8;

export function WrittenLines(props: {
  readonly lines: readonly WrittenLine[];
  readonly acknowledged: number;
  readonly onCorrect: (line: number, text: string) => void;
}) {
  const { captioner } = useMessages();
  const [corrected, setCorrected] = useState<number>();
  const shown = props.lines.slice(-SHOWN_LINES).reverse();
  return (
    <section className="written-lines" aria-label={captioner.lines}>
      <h2>{captioner.lines}</h2>
      {shown.length === 0 ? <p className="hint">{captioner.noLines}</p> : null}
      <ol reversed>
        {shown.map((line) => (
          <li key={line.sequence}>
            {corrected === line.sequence ? (
              <CorrectionForm
                text={line.text}
                onCancel={() => setCorrected(undefined)}
                onSave={(text) => {
                  setCorrected(undefined);
                  if (text !== line.text) props.onCorrect(line.sequence, text);
                }}
              />
            ) : (
              <>
                <span className="written-text">{line.text}</span>
                <span className="written-state">
                  {line.lastSequence > props.acknowledged
                    ? captioner.sending
                    : line.corrected
                      ? captioner.corrected
                      : captioner.sent}
                </span>
                <button
                  type="button"
                  className="quiet-button"
                  aria-label={captioner.correct(line.text)}
                  onClick={() => setCorrected(line.sequence)}
                >
                  <PenLine aria-hidden size={18} />
                </button>
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function CorrectionForm(props: {
  readonly text: string;
  readonly onSave: (text: string) => void;
  readonly onCancel: () => void;
}) {
  const { captioner } = useMessages();
  const [text, setText] = useState(props.text);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') props.onSave(text.trim());
  };
  return (
    <form className="correction" onSubmit={save}>
      <input
        className="field"
        type="text"
        aria-label={captioner.correction}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here.
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') props.onCancel();
        }}
      />
      <button type="submit" className="button small primary">
        {captioner.save}
      </button>
      <button type="button" className="button small" onClick={props.onCancel}>
        {captioner.cancel}
      </button>
    </form>
  );
}
