import { VolleyError } from "../wire/errors.js";

/**
 * Calls a function once more for the error with the user's own frames; it reads nothing but its arguments. Where it has written to these the
 * second error may say something else than the first: then what the first said is told with the frames of the second.
 */
export function thrownBy(
  [f, ...args]: readonly [(...args: unknown[]) => unknown, ...unknown[]],
  otherwise: unknown,
): unknown {
  if (VolleyError.is(otherwise)) return otherwise;
  try {
    f(...args);
  } catch (error) {
    return toldAgain(error, otherwise);
  }
  return otherwise;
}

/** Messages of V8 about values that are something else than the code takes them for. */
function isOfTheLanguage(error: Error): boolean {
  return (
    error instanceof TypeError && /^Cannot (?:read|set|destructure) |is not (?:iterable|a function)/.test(error.message)
  );
}

function toldAgain(again: unknown, first: unknown): unknown {
  try {
    if (!(again instanceof Error && first instanceof Error)) return again;
    if (again.message === first.message && again.name === first.name) return again;
    // These name what stands in the text: in the first one that is the stage program's.
    if (isOfTheLanguage(first) && isOfTheLanguage(again)) return again;
    const frames = /^ {4}at /m.exec(again.stack ?? "");
    if (frames === null) return first;
    const stack = `${first.name}: ${first.message}\n${(again.stack ?? "").slice(frames.index)}`;
    Object.defineProperty(first, "stack", { value: stack, configurable: true, writable: true });
    return first;
  } catch {
    // A thrown value whose getters or traps throw in their turn, or a frozen one.
    return again;
  }
}
