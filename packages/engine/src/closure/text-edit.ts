/** Replacements in a text, by position. */

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits that do not overlap, in any order; at one position insertions keep the order in which they were given. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text;
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let at = 0;
  for (const edit of sorted) {
    if (edit.start < at) continue; // lies inside a part that was cut
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** As much space as the text took, with its line ends: what follows keeps its place. */
export function blankOf(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}
