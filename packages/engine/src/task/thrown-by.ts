import { VolleyError } from "../wire/errors.js";

/** Calls a function once more for the error with the user's own frames; it reads nothing but its arguments. */
export function thrownBy(
  [f, ...args]: readonly [(...args: unknown[]) => unknown, ...unknown[]],
  otherwise: unknown,
): unknown {
  if (VolleyError.is(otherwise)) return otherwise;
  try {
    f(...args);
  } catch (error) {
    return error;
  }
  return otherwise;
}
