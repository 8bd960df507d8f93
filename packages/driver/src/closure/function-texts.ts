/**
 * What is remembered of functions by their text, so that a lineage of 100,000 small functions asks the inspector for a few of them.
 * Only for functions that capture nothing: they differ in nothing but their place.
 */

import type { Script, TextPlace } from "./scripts.js";

export interface KnownText {
  readonly place: TextPlace;
  readonly script: Script | undefined;
  readonly strict: boolean;
  /** How many functions of this text were found at this place, one after the other. */
  sightings: number;
}

/** After so many at one place the next is taken to stand there too: the worst that can happen is a stack trace that names a twin. */
const SIGHTINGS_ENOUGH = 32;
const TEXTS_MAX = 20_000;

const texts = new Map<string, KnownText>();

export function trustedText(text: string): KnownText | undefined {
  const known = texts.get(text);
  return known !== undefined && known.sightings >= SIGHTINGS_ENOUGH ? known : undefined;
}

export function noteText(text: string, seen: Omit<KnownText, "sightings">): void {
  const known = texts.get(text);
  const { place } = seen;
  if (
    known !== undefined &&
    known.place.file === place.file &&
    known.place.line === place.line &&
    known.place.column === place.column
  ) {
    known.sightings++;
    return;
  }
  if (texts.size >= TEXTS_MAX) texts.delete(texts.keys().next().value as string);
  texts.set(text, { ...seen, sightings: 1 });
}
