/** What a user may write for input: paths, file URLs, and several of them separated by commas. */

import { VolleyError } from "@volley/engine/wire/errors.js";

/** A path or pattern as the file system has it: a `file:` URL becomes a path. Relative ones are left as they are. */
export function plainPath(path: string): string {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(path)?.[1]?.toLowerCase();
  if (scheme === undefined || (scheme !== "file" && !path.startsWith("//", scheme.length + 1))) return path;
  if (scheme !== "file") {
    throw new VolleyError(
      "INVALID_ARGUMENT",
      `${path}: files at ${scheme}: cannot be read; name a local path or file:// URL`,
    );
  }
  // Not by `new URL`: in a pattern, `?` begins no query.
  const [, host, rest] = /^file:(?:\/\/([^/]*))?(\/.*)$/is.exec(path) ?? [];
  if (rest === undefined || (host !== undefined && host !== "" && host !== "localhost")) {
    throw new VolleyError(
      "INVALID_ARGUMENT",
      `${path} is no URL of a file on this machine; write file:///path/to/file`,
    );
  }
  return decodePercent(rest, path);
}

function decodePercent(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new VolleyError(
      "INVALID_ARGUMENT",
      `${url} has a % that encodes nothing; write %25 for the character itself`,
      { cause },
    );
  }
}

/** Cuts at commas outside braces, as Hadoop does. */
export function cutAtCommas(paths: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < paths.length; index++) {
    const character = paths[index];
    if (character === "{") depth++;
    else if (character === "}") depth = Math.max(0, depth - 1);
    else if (character === "," && depth === 0) {
      pieces.push(paths.slice(start, index));
      start = index + 1;
    }
  }
  pieces.push(paths.slice(start));
  return pieces;
}
