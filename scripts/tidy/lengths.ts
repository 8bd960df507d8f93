import type { Finding } from "./finding.ts";
import { isSyntax, type SourceFile, type Syntax, walk } from "./source-file.ts";

/** A file longer than this holds more than one concept. Tests are tables of cases and may be longer. */
export const FILE_LINES_MAX = 400;
export const TEST_FILE_LINES_MAX = 800;
/** A function longer than this does not fit on a screen. `describe` and `it` bodies of tests are not counted. */
export const FUNCTION_LINES_MAX = 70;

/**
 * What is longer already, in lines: `path` for files, `path#function` for functions. An entry may only shrink, and leaves when the
 * limit is kept; no entry is ever added.
 */
export type Ratchet = Readonly<Record<string, number>>;

export interface Measured {
  readonly key: string;
  readonly lines: number;
  readonly limit: number;
  readonly line: number;
}

/** Everything in a file that is over its limit. */
export function measure(file: SourceFile): Measured[] {
  const over: Measured[] = [];
  const fileLines = file.lineOf(file.text.length - 1);
  const limit = file.isTest ? TEST_FILE_LINES_MAX : FILE_LINES_MAX;
  if (fileLines > limit) over.push({ key: file.path, lines: fileLines, limit, line: 1 });
  if (file.isTest) return over;
  walk(file.program, (node, parent) => {
    if (!/^(ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(node.type)) return;
    const lines = file.lineOf(node.end) - file.lineOf(node.start) + 1;
    if (lines <= FUNCTION_LINES_MAX) return;
    over.push({
      key: `${file.path}#${functionName(node, parent)}`,
      lines,
      limit: FUNCTION_LINES_MAX,
      line: file.lineOf(node.start),
    });
  });
  return over;
}

function functionName(node: Syntax, parent: Syntax | undefined): string {
  for (const named of [node["id"], parent?.["key"], parent?.["id"]]) {
    if (isSyntax(named) && typeof named["name"] === "string") return named["name"];
  }
  return "anonymous";
}

export function checkLengths(measured: readonly (Measured & { file: string })[], ratchet: Ratchet): Finding[] {
  const findings: Finding[] = [];
  for (const { key, lines, limit, line, file } of measured) {
    const allowed = ratchet[key] ?? limit;
    if (lines <= allowed) continue;
    findings.push({
      rule: "length",
      file,
      line,
      message: `${key.split("#")[1] ?? "the file"} has ${lines} lines, allowed are ${allowed}`,
    });
  }
  const longest = new Map(measured.map((entry) => [entry.key, entry.lines]));
  for (const [key, allowed] of Object.entries(ratchet)) {
    const lines = longest.get(key) ?? 0;
    if (lines >= allowed) continue;
    const advice = lines === 0 ? "remove it" : `write ${lines}`;
    findings.push({
      rule: "ratchet",
      file: "scripts/tidy-ratchet.json",
      message: `${key} is shorter than its entry: ${advice}`,
    });
  }
  return findings;
}
