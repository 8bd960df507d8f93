/**
 * Hadoop's globs: `*` any characters, `?` one, `[ab]` `[a-z]` `[!a]` `[^a]` one of (not of) a set, `{a,b}` alternatives (nested ones
 * and ones with slashes too), `\` takes the next character as it is. Wildcards stay inside one name: no `**`.
 *
 * Names are matched by a walk with one point of return, not by a regular expression: a pattern such as `*a*a*a*b` costs length times
 * length at most.
 */

import { VolleyError } from "@volley/engine/wire/errors.js";

/** `{a,b}{a,b}...` doubles with each group: a pattern past this is a mistake or an attack. */
const ALTERNATIVES_MAX = 10_000;

interface CharacterSet {
  readonly negated: boolean;
  /** Pairs of first and last code point. */
  readonly ranges: readonly (readonly [number, number])[];
}

type Token = number | "*" | "?" | CharacterSet;

/** One name of a pattern: `text` when it has no wildcard. */
export interface NamePattern {
  readonly text: string | undefined;
  /** True when the pattern's own first character is `_` or `.`: it asks for hidden names. */
  readonly asksHidden: boolean;
  matches(name: string): boolean;
}

/** True when a path would be read as a pattern. */
export function isGlob(path: string): boolean {
  return /[*?[\]{}\\]/.test(path);
}

/** The patterns without braces that one with braces stands for, in the order written. */
export function expandBraces(pattern: string): string[] {
  let budget = ALTERNATIVES_MAX;
  const expand = (text: string): string[] => {
    const group = firstGroup(text, pattern);
    if (group === undefined) return [text];
    const head = text.slice(0, group.start);
    const tails = expand(text.slice(group.end));
    const heads = group.options.flatMap((option) => expand(option));
    budget -= heads.length * tails.length;
    if (budget < 0) throw invalid(pattern, `its braces stand for more than ${ALTERNATIVES_MAX} patterns`);
    return heads.flatMap((option) => tails.map((tail) => head + option + tail));
  };
  return [...new Set(expand(pattern))];
}

interface Group {
  readonly start: number;
  readonly end: number;
  readonly options: readonly string[];
}

function firstGroup(text: string, pattern: string): Group | undefined {
  let depth = 0;
  let start = 0;
  let optionStart = 0;
  const options: string[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "\\") index++;
    else if (character === "[") index = setEnd(text, index) ?? index;
    else if (character === "{" && depth++ === 0) [start, optionStart] = [index, index + 1];
    else if (depth === 1 && (character === "," || character === "}")) {
      options.push(text.slice(optionStart, index));
      optionStart = index + 1;
      if (character === "}") return { start, end: index + 1, options };
    } else if (character === "}" && depth > 1) depth--;
  }
  if (depth > 0) throw invalid(pattern, "a { is not closed");
  return undefined;
}

/** Where the `]` of the set that begins at `start` stands. A `]` in the first place belongs to the set. */
function setEnd(text: string, start: number): number | undefined {
  let index = start + 1;
  if (text[index] === "!" || text[index] === "^") index++;
  for (let first = true; index < text.length; index++, first = false) {
    if (text[index] === "\\") index++;
    else if (text[index] === "]" && !first) return index;
  }
  return undefined;
}

/** A pattern for one name of a path; braces must have been expanded. */
export function namePattern(pattern: string): NamePattern {
  const tokens = tokenize(pattern);
  const asksHidden = tokens[0] === 0x5f || tokens[0] === 0x2e;
  if (tokens.every((token) => typeof token === "number")) {
    const text = String.fromCodePoint(...tokens);
    return { text, asksHidden, matches: (name) => name === text };
  }
  return { text: undefined, asksHidden, matches: (name) => matchTokens(tokens, codePoints(name)) };
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let index = 0; index < pattern.length; ) {
    const point = pattern.codePointAt(index) as number;
    const character = String.fromCodePoint(point);
    if (character === "\\") {
      const escaped = pattern.codePointAt(index + 1);
      if (escaped === undefined) throw invalid(pattern, "a \\ at its end escapes nothing");
      tokens.push(escaped);
      index += 1 + String.fromCodePoint(escaped).length;
    } else if (character === "[") {
      const end = setEnd(pattern, index);
      if (end === undefined) throw invalid(pattern, "a [ is not closed");
      tokens.push(characterSet(pattern.slice(index + 1, end), pattern));
      index = end + 1;
    } else {
      if (character === "*") {
        if (tokens.at(-1) !== "*") tokens.push("*");
      } else tokens.push(character === "?" ? "?" : point);
      index += character.length;
    }
  }
  return tokens;
}

function characterSet(inside: string, pattern: string): CharacterSet {
  const negated = inside.startsWith("!") || inside.startsWith("^");
  const members: { readonly point: number; readonly plain: boolean }[] = [];
  const points = codePoints(negated ? inside.slice(1) : inside);
  for (let index = 0; index < points.length; index++) {
    const escaped = points[index] === 0x5c && index + 1 < points.length;
    if (escaped) index++;
    members.push({ point: points[index] as number, plain: !escaped });
  }
  const ranges: (readonly [number, number])[] = [];
  for (let index = 0; index < members.length; index++) {
    const first = members[index]?.point as number;
    const dash = members[index + 1];
    const last = members[index + 2];
    if (dash !== undefined && last !== undefined && dash.point === 0x2d && dash.plain) {
      if (last.point < first) throw invalid(pattern, "a range in [ ] runs backwards");
      ranges.push([first, last.point]);
      index += 2;
    } else ranges.push([first, first]);
  }
  return { negated, ranges };
}

function matchTokens(tokens: readonly Token[], name: readonly number[]): boolean {
  let [at, place] = [0, 0];
  // After the last star met: the token that follows it, and where in the name the star's run ends for now.
  let [afterStar, runEnd] = [-1, 0];
  while (place < name.length) {
    const token = tokens[at];
    if (token === "*") {
      afterStar = ++at;
      runEnd = place;
    } else if (token !== undefined && matchOne(token, name[place] as number)) {
      at++;
      place++;
    } else if (afterStar >= 0) {
      at = afterStar;
      place = ++runEnd;
    } else return false;
  }
  while (tokens[at] === "*") at++;
  return at === tokens.length;
}

function matchOne(token: Exclude<Token, "*">, point: number): boolean {
  if (typeof token === "number") return token === point;
  if (token === "?") return true;
  return token.ranges.some(([first, last]) => first <= point && point <= last) !== token.negated;
}

function invalid(pattern: string, why: string): VolleyError {
  return new VolleyError("INVALID_ARGUMENT", `the pattern ${JSON.stringify(pattern)} is not valid: ${why}`);
}
