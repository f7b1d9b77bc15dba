/** One of a few, all of them in sight. */
export function RadioChoice<Choice extends string>(props: {
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly labels: Readonly<Record<Choice, string>>;
  readonly chosen: Choice | undefined;
  readonly onChoose: (choice: Choice) => void;
  /** Beside each other instead of one below the other. */
  readonly inRow?: boolean;
}) {
  return (
    <fieldset className={props.inRow ? 'choices-row' : 'choices'}>
      <legend>{props.legend}</legend>
      {props.choices.map((choice) => (
        <label key={choice} className="check">
          <input
            type="radio"
            name={props.name}
            checked={props.chosen === choice}
            onChange={() => props.onChoose(choice)}
          />
          {props.labels[choice]}
        </label>
      ))}
    </fieldset>
  );
}
