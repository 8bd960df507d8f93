import type { ErrorImage } from "@volley/engine/wire/errors.js";

/** The builtin classes that an error keeps on its way from an executor. */
const BUILTIN_CLASSES: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

/** Causes nested deeper than this are left out. */
const CAUSE_DEPTH_MAX = 16;

/**
 * The user's own error again, from data: of its builtin class where it had one, else an Error under its name. Nothing in an image is run.
 */
export function errorOfImage(image: ErrorImage, mapStack: (stack: string) => string = (stack) => stack): Error {
  const images: ErrorImage[] = [];
  for (let at: ErrorImage | undefined = image; at !== undefined && images.length < CAUSE_DEPTH_MAX; at = at.cause)
    images.push(at);
  let cause: Error | undefined;
  for (const current of images.reverse()) {
    const error = oneError(current, mapStack);
    if (cause !== undefined)
      Object.defineProperty(error, "cause", { value: cause, enumerable: false, configurable: true, writable: true });
    cause = error;
  }
  return cause as Error;
}

function oneError(image: ErrorImage, mapStack: (stack: string) => string): Error {
  const Class = Object.hasOwn(BUILTIN_CLASSES, image.name)
    ? (BUILTIN_CLASSES[image.name] as new (
        message: string,
      ) => Error)
    : Error;
  const error = new Class(image.message);
  const hidden = (value: unknown) => ({ value, enumerable: false, configurable: true, writable: true });
  if (error.name !== image.name) Object.defineProperty(error, "name", hidden(image.name));
  // A stack made here would name the driver's own lines, which say nothing.
  Object.defineProperty(
    error,
    "stack",
    hidden(image.stack === undefined ? `${image.name}: ${image.message}` : mapStack(image.stack)),
  );
  const shown = (value: unknown) => ({ value, enumerable: true, configurable: true, writable: true });
  if (image.code !== undefined) Object.defineProperty(error, "code", shown(image.code));
  for (const [key, value] of Object.entries(image.fields ?? {})) Object.defineProperty(error, key, shown(value));
  return error;
}
