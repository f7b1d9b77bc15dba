/** Which heard word is which spoken one: the longest common sequence of words, whatever their case and punctuation. */
export interface TimedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

export function matchWords<A extends TimedWord, B extends TimedWord>(
  spoken: readonly A[],
  heard: readonly B[],
): [A, B][] {
  const [rows, columns] = [spoken.length + 1, heard.length + 1];
  const common = new Uint16Array(rows * columns);
  const isMatch = (row: number, column: number): boolean =>
    plain(spoken[row]?.text ?? '') === plain(heard[column]?.text ?? '');
  for (let row = spoken.length - 1; row >= 0; row--) {
    for (let column = heard.length - 1; column >= 0; column--) {
      const [below, right] = [
        common[(row + 1) * columns + column] ?? 0,
        common[row * columns + column + 1] ?? 0,
      ];
      const diagonal = common[(row + 1) * columns + column + 1] ?? 0;
      common[row * columns + column] = isMatch(row, column) ? diagonal + 1 : Math.max(below, right);
    }
  }
  const pairs: [A, B][] = [];
  for (let row = 0, column = 0; row < spoken.length && column < heard.length; ) {
    if (isMatch(row, column)) pairs.push([spoken[row++] as A, heard[column++] as B]);
    else if ((common[(row + 1) * columns + column] ?? 0) >= (common[row * columns + column + 1] ?? 0)) row++;
    else column++;
  }
  return pairs;
}
