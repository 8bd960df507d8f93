/** Scripts of this process as V8 numbers them: name, source, where the source maps lie, what they import. Kept for the process's life. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ImportTable } from "@volley/engine/closure/import-table.js";
import { importTable } from "@volley/engine/closure/import-table.js";
import type { Inspector, ScriptNotice } from "./inspector.js";

export interface TextPlace {
  /** As V8 names the script. */
  readonly file: string;
  /** 0-based. */
  readonly line: number;
  /** 0-based. */
  readonly column: number;
}

export class Script {
  readonly url: string;
  readonly sourceMapURL: string;
  readonly source: string;
  #lineStarts: number[] | undefined;
  #imports: ImportTable | undefined;

  constructor(notice: ScriptNotice, source: string) {
    this.url = notice.url;
    this.sourceMapURL = notice.sourceMapURL;
    this.source = source;
  }

  /** The file's path, without scheme and query; "" for code that is in no file. */
  get path(): string {
    return scriptPath(this.url);
  }

  get imports(): ImportTable {
    const table = this.#imports ?? importTable(this.source);
    this.#imports = table;
    return table;
  }

  /** Where the text of a function begins, of which V8 gives a place inside; undefined when the text is not there. */
  startOf(text: string, line: number, column: number): { offset: number; line: number; column: number } | undefined {
    const starts = this.#starts();
    const inside = (starts[line] ?? 0) + column;
    const offset = this.source.lastIndexOf(text, inside);
    if (offset < 0 || offset + text.length <= inside) return undefined;
    let row = line;
    while (row > 0 && (starts[row] as number) > offset) row--;
    return { offset, line: row, column: offset - (starts[row] as number) };
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      for (const match of this.source.matchAll(/\r\n|[\n\r\u2028\u2029]/g))
        this.#lineStarts.push(match.index + match[0].length);
    }
    return this.#lineStarts;
  }

  /** Strict from its first line on. */
  get isStrict(): boolean {
    return /^(?:#![^\n]*\n)?(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*(["'])use strict\1/.test(this.source);
  }
}

export function scriptPath(url: string): string {
  if (url.startsWith("file:")) return fileURLToPath(url.replace(/[?#].*$/, ""));
  return url.startsWith("/") || /^[a-zA-Z]:[\\/]/.test(url) ? url.replace(/\?.*$/, "") : "";
}

const notices = new Map<string, ScriptNotice>();
const urls = new Map<string, string>();
const scripts = new Map<string, Script>();
const urlToScript = new Map<string, Script>();

export function noteScript(notice: ScriptNotice): void {
  notices.set(notice.scriptId, notice);
}

/** A function's text and where V8 says that it is. */
export interface Sighting {
  readonly scriptId: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** The script of a function. V8 is asked once for each script. */
export function scriptOf(sighting: Sighting, inspector: Inspector): Script | undefined {
  const known = scripts.get(sighting.scriptId);
  if (known !== undefined) return known;
  const script = plainFile(sighting, inspector) ?? debuggedScript(sighting.scriptId, inspector);
  if (script === undefined) return undefined;
  scripts.set(sighting.scriptId, script);
  urlToScript.set(script.url, script);
  return script;
}

/** A file that runs as it lies on the disk: no loader has changed it, or the function would stand in another place. */
function plainFile({ scriptId, line, column, text }: Sighting, inspector: Inspector): Script | undefined {
  if (notices.has(scriptId)) return undefined;
  if (!urls.has(scriptId)) for (const script of inspector.scriptNames()) urls.set(script.scriptId, script.url);
  const url = urls.get(scriptId);
  if (url === undefined) return undefined;
  if (url.startsWith("node:")) return new Script({ scriptId, url, sourceMapURL: "" }, "");
  if (!/\.[cm]?js$/.test(url)) return undefined;
  const source = sourceOnDisk(scriptPath(url));
  if (source === undefined) return undefined;
  const script = new Script({ scriptId, url, sourceMapURL: sourceMapLink(source) }, source);
  return script.startOf(text, line, column) === undefined ? undefined : script;
}

function sourceOnDisk(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8").replace(/^\uFEFF/, "") : undefined;
}

/** What a source's last `sourceMappingURL` says; "" without one. */
export function sourceMapLink(source: string): string {
  const at = source.lastIndexOf("//# sourceMappingURL=");
  return at < 0 ? "" : (/^\S+/.exec(source.slice(at + "//# sourceMappingURL=".length))?.[0] ?? "");
}

function debuggedScript(scriptId: string, inspector: Inspector): Script | undefined {
  if (!notices.has(scriptId)) inspector.listScripts();
  const notice = notices.get(scriptId);
  if (notice === undefined) return undefined;
  return new Script(notice, notice.url.startsWith("node:") ? "" : inspector.scriptSource(scriptId));
}

/** A script that a capture has met, by V8's name for it. */
export function scriptByUrl(url: string): Script | undefined {
  return urlToScript.get(url);
}
