/**
 * A small stage with captions, drawn in HTML. Decoration: hidden from assistive technology, plays once for less
 * than five seconds (WCAG 2.2.2) and stands still where motion is reduced.
 */
import { useMessages } from '../language/language-provider.tsx';

const WORD_EVERY_MS = 190;

export function StageIllustration() {
  const { sample } = useMessages().home;
  const firstWords = sample.first.text.split(' ');
  return (
    <div className="illustration" aria-hidden="true" key={sample.first.text}>
      <div className="illustration-tiles">
        <Silhouette hue="a" speaking />
        <Silhouette hue="b" />
        <Silhouette hue="c" />
      </div>
      <div className="illustration-captions">
        <SampleLine speaker="a" name={sample.first.name} text={sample.first.text} startMs={300} />
        <SampleLine
          speaker="b"
          name={sample.second.name}
          text={sample.second.text}
          startMs={700 + firstWords.length * WORD_EVERY_MS}
        />
      </div>
    </div>
  );
}

function Silhouette({ hue, speaking = false }: { readonly hue: string; readonly speaking?: boolean }) {
  return (
    <div className="silhouette" data-hue={hue} data-speaking={speaking}>
      <svg aria-hidden="true" viewBox="0 0 120 90" preserveAspectRatio="xMidYMax slice">
        <circle cx="60" cy="42" r="17" />
        <path d="M22 96c2-24 18-34 38-34s36 10 38 34z" />
      </svg>
    </div>
  );
}

function SampleLine(props: {
  readonly speaker: string;
  readonly name: string;
  readonly text: string;
  readonly startMs: number;
}) {
  const words = props.text.split(' ').map((word, position) => ({ word, position }));
  return (
    <p className="sample-line">
      <span className="sample-name" data-hue={props.speaker} style={{ animationDelay: `${props.startMs}ms` }}>
        {props.name}
      </span>
      {words.map(({ word, position }) => (
        <span
          key={position}
          className="sample-word"
          style={{ animationDelay: `${props.startMs + position * WORD_EVERY_MS}ms` }}
        >
          {word}{' '}
        </span>
      ))}
    </p>
  );
}
