import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";

/** A node of the syntax tree, as far as the rules look at it. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Comment {
  readonly value: string;
  readonly start: number;
}

/** A TypeScript or JavaScript file, parsed once for all rules. */
export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly program: Syntax;
  readonly comments: readonly Comment[];
  /** A test, or a folder `testing/` of what only tests use. */
  readonly isTest: boolean;
  lineOf(offset: number): number;
}

/** Every file that git knows or would add, that exists: what is not committed yet is checked too, what is ignored is not. */
export function listRepositoryFiles(root: string): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)));
}

/** Code that keeps odd syntax or style on purpose. */
export function isFixture(path: string): boolean {
  return /(^|\/)(fixtures|golden)\//.test(path);
}

export function isCode(path: string): boolean {
  return /\.(ts|mts|cts|js|mjs|cjs)$/.test(path) && !isFixture(path);
}

export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const error = parsed.errors[0];
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const starts = lineStarts(text);
  return {
    path,
    text,
    program: parsed.program as unknown as Syntax,
    comments: parsed.comments,
    isTest: /\.test\.m?ts$|\/testing\//.test(path) || path.startsWith("test/"),
    lineOf: (offset) => lineAt(starts, offset),
  };
}

export function readSource(root: string, path: string): SourceFile {
  return parseSource(path, readFileSync(join(root, path), "utf8"));
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Calls `visit` with each node and its parent, parents first. */
export function walk(root: Syntax, visit: (node: Syntax, parent: Syntax | undefined) => void): void {
  const pending: [Syntax, Syntax | undefined][] = [[root, undefined]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, parent] = next;
    visit(node, parent);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isSyntax(child)) pending.push([child, node]);
    }
  }
}

export function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}
