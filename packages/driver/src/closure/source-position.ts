/**
 * Places in code as it runs become places in the user's own files: through the source map of the script (inline, as tsx and vitest
 * write it, or a file beside it). A place without a map is itself.
 */

import { readFileSync } from "node:fs";
import { findSourceMap, SourceMap } from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptByUrl, scriptPath, sourceMapLink } from "./scripts.js";

export interface SourcePosition {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

interface LoadedMap {
  readonly map: SourceMap;
  readonly baseFolder: string;
}

const maps = new Map<string, LoadedMap | undefined>();

/** `line` and `column` are 1-based; `file` is as a stack frame names it (a path or a file: URL). */
export function mapPosition(file: string, line: number, column: number): SourcePosition {
  const loaded = mapOf(file);
  const entry = loaded?.map.findEntry(line - 1, column - 1);
  if (
    loaded === undefined ||
    entry === undefined ||
    !("originalSource" in entry) ||
    entry.originalSource === undefined
  ) {
    return { file: scriptPath(file) || file, line, column };
  }
  return {
    file: sourceFile(entry.originalSource, loaded.baseFolder),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  };
}

/**
 * Whether this process's own stacks name the user's places already, so that mapping one again would lead anywhere: Node's source maps are on (tsx turns
 * them on), or someone else writes the stacks (test runners do).
 */
export function stacksAreMapped(): boolean {
  return process.sourceMapsEnabled === true || Error.prepareStackTrace !== undefined;
}

/** Rewrites the frames of a stack that came from an executor, where the user's loader did not run. */
export function mapStack(stack: string): string {
  return stack.replace(
    /((?:file:\/\/)?\/[^\s():]+):(\d+):(\d+)/g,
    (whole, file: string, line: string, column: string) => {
      if (mapOf(file) === undefined) return whole;
      const mapped = mapPosition(file, Number(line), Number(column));
      return `${mapped.file}:${mapped.line}:${mapped.column}`;
    },
  );
}

function mapOf(file: string): LoadedMap | undefined {
  if (!maps.has(file)) maps.set(file, loadMap(file));
  return maps.get(file);
}

function loadMap(file: string): LoadedMap | undefined {
  const path = scriptPath(file);
  const baseFolder = dirname(path);
  const known = findSourceMap(file) ?? findSourceMap(path);
  if (known !== undefined) return { map: known, baseFolder };
  const script = scriptByUrl(file) ?? scriptByUrl(path) ?? scriptByUrl(`file://${path}`);
  const link =
    script === undefined ? sourceMapLink(readText(path) ?? "") : script.sourceMapURL || sourceMapLink(script.source);
  if (link === "") return undefined;
  const payload = link.startsWith("data:") ? inlineMap(link) : readText(resolve(baseFolder, decodeURI(link)));
  if (payload === undefined) return undefined;
  const folder = link.startsWith("data:") ? baseFolder : dirname(resolve(baseFolder, decodeURI(link)));
  try {
    return {
      map: new SourceMap(JSON.parse(payload) as ConstructorParameters<typeof SourceMap>[0]),
      baseFolder: folder,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a damaged map: places stay as they are
    throw error;
  }
}

function inlineMap(link: string): string | undefined {
  const comma = link.indexOf(",");
  if (comma < 0) return undefined;
  const data = link.slice(comma + 1);
  return link.slice(0, comma).endsWith(";base64")
    ? Buffer.from(data, "base64").toString("utf8")
    : decodeURIComponent(data);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined; // no such file: no map
    throw error;
  }
}

function sourceFile(source: string, baseFolder: string): string {
  if (source.startsWith("file:")) return fileURLToPath(source);
  return isAbsolute(source) ? source : resolve(baseFolder, source);
}
