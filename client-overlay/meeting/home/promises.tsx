import { useMessages } from '../language/language-provider.tsx';

/** What a participant may rely on, in three short statements. */
export function Promises() {
  const { promises } = useMessages().home;
  return (
    <ul className="promises">
      {promises.map(([title, text]) => (
        <li key={title}>
          <h2>{title}</h2>
          <p>{text}</p>
        </li>
      ))}
    </ul>
  );
}
