/** Scripts of this process as V8 numbers them: name, source, where the source maps lie, what they import. Kept for the process's life. */

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
const scripts = new Map<string, Script>();
const urlToScript = new Map<string, Script>();

export function noteScript(notice: ScriptNotice): void {
  notices.set(notice.scriptId, notice);
}

/** The script of a number; V8 is asked once for each. */
export function scriptOf(scriptId: string, inspector: Inspector): Script | undefined {
  const known = scripts.get(scriptId);
  if (known !== undefined) return known;
  if (!notices.has(scriptId)) inspector.listScripts();
  const notice = notices.get(scriptId);
  if (notice === undefined) return undefined;
  const script = new Script(notice, notice.url.startsWith("node:") ? "" : inspector.scriptSource(scriptId));
  scripts.set(scriptId, script);
  urlToScript.set(script.url, script);
  return script;
}

/** A script that a capture has met, by V8's name for it. */
export function scriptByUrl(url: string): Script | undefined {
  return urlToScript.get(url);
}
