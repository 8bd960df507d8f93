/**
 * The user's line that made an RDD or called an action. Taking it costs one Error object; its text is made only when asked for, so
 * that a lineage of 100,000 nodes does not pay for formatting.
 */

export interface Place {
  /** A path or a file: URL's path; "" when unknown. */
  readonly file: string;
  /** 1-based; 0 when unknown. */
  readonly line: number;
  /** 1-based; 0 when unknown. */
  readonly column: number;
}

const UNKNOWN: Place = Object.freeze({ file: "", line: 0, column: 0 });

/** The folders whose frames are Volley's own: `packages/` in a checkout; of the bundle `dist/`, and where its source map says that it comes from. */
const OWN_ROOTS = ownRoots(import.meta.url);

function ownRoots(url: string): readonly string[] {
  const path = stripScheme(url);
  const inCheckout = path.lastIndexOf("/packages/engine/src/");
  if (inCheckout >= 0) return [`${path.slice(0, inCheckout)}/packages/`];
  const dist = path.slice(0, path.lastIndexOf("/") + 1);
  const packages = dist.slice(0, dist.lastIndexOf("/", dist.lastIndexOf("/", dist.length - 2) - 1) + 1);
  return [dist, ...["engine", "driver", "volley"].map((name) => `${packages}${name}/src/`)];
}

function stripScheme(file: string): string {
  return file.startsWith("file://") ? decodeURI(file.slice(7)) : file;
}

/** One line of a V8 stack as a place, or undefined for a line that names none. */
export function placeOfFrame(line: string): Place | undefined {
  const found = /\(?((?:file:\/\/)?[^()\s][^()]*):(\d+):(\d+)\)?$/.exec(line.trim().replace(/^at (?:async )?/, ""));
  if (found === null) return undefined;
  const text = found[1] as string;
  const file = stripScheme(text.includes(" (") ? text.slice(text.lastIndexOf(" (") + 2) : text);
  return { file, line: Number(found[2]), column: Number(found[3]) };
}

/** True for a file of Volley itself (not its tests). */
export function isOwnFile(file: string): boolean {
  return OWN_ROOTS.some((root) => file.startsWith(root)) && !file.includes(".test.");
}

function isForeign(file: string): boolean {
  return file.startsWith("node:") || file.startsWith("<") || file === "native";
}

export class CallSite {
  /** The method that the user called: "map", "reduceByKey", ... */
  readonly operator: string;
  #error: Error | undefined;
  #place: Place | undefined;

  /** `method`: the function of a package that the user called; what it calls itself is not the user's line. */
  constructor(operator: string, method?: Function) {
    this.operator = operator;
    const limit = Error.stackTraceLimit;
    if (limit < 12) Error.stackTraceLimit = 12;
    this.#error = new Error();
    if (method !== undefined) Error.captureStackTrace(this.#error, method);
    Error.stackTraceLimit = limit;
  }

  /** The first frame outside Volley. */
  get place(): Place {
    if (this.#place === undefined) {
      this.#place = firstUserPlace(this.#error?.stack ?? "");
      this.#error = undefined;
    }
    return this.#place;
  }

  /** `reduceByKey at words.ts:12`, Spark's form. */
  toString(): string {
    const { file, line } = this.place;
    return file === "" ? this.operator : `${this.operator} at ${file.slice(file.lastIndexOf("/") + 1)}:${line}`;
  }
}

function firstUserPlace(stack: string): Place {
  for (const text of stack.split("\n").slice(1)) {
    const place = placeOfFrame(text);
    if (place !== undefined && !isOwnFile(place.file) && !isForeign(place.file)) return place;
  }
  return UNKNOWN;
}
