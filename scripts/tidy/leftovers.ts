import type { Finding } from "./finding.ts";
import { isFixture, type SourceFile, type Syntax, walk } from "./source-file.ts";

/** Text that says something about a machine or a place of work instead of the project. Searched in every text file. */
const FOREIGN_TEXT: readonly [RegExp, string][] = [
  [/(?<![\w./-])\/(?:home|Users|root|work|workspace)\/[\w.-]+/, "a path of somebody's machine"],
  [/[A-Z]:\\Users\\/, "a path of somebody's machine"],
  [
    /https?:\/\/(?!registry\.npmjs\.org)[\w.-]*(?:registry|artifactory|nexus|proxy|mirror)[\w.-]*[/:]/i,
    "a registry's host",
  ],
  [/\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}\b/, "a private address"],
];

const LEFTOVER_COMMENT = /\b(?:TODO|FIXME|XXX|HACK)\b/;

/** A test may hold addresses and paths as data. */
const TEXT_EXEMPT = /(^test\/|\.test\.ts$|^scripts\/tidy\/)/;

export function checkText(path: string, text: string): Finding[] {
  if (isFixture(path) || TEXT_EXEMPT.test(path) || path === "package-lock.json") return [];
  const findings: Finding[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    for (const [pattern, what] of FOREIGN_TEXT) {
      const match = pattern.exec(line);
      if (match !== null)
        findings.push({ rule: "foreign", file: path, line: index + 1, message: `${what}: ${match[0]}` });
    }
  }
  return findings;
}

export function checkLeftovers(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  const add = (offset: number, message: string): void => {
    findings.push({ rule: "leftover", file: file.path, line: file.lineOf(offset), message });
  };
  for (const comment of file.comments) {
    const match = LEFTOVER_COMMENT.exec(comment.value);
    if (match !== null) add(comment.start, `${match[0]} in a comment: do it, or write an issue`);
    if (/@ts-(?:ignore|nocheck)/.test(comment.value)) add(comment.start, "a switched-off type check");
    if (/^[\s*]*@ts-expect-error[\s*]*$/.test(comment.value)) add(comment.start, "@ts-expect-error without a reason");
  }
  const explained = linesAfterReason(file);
  walk(file.program, (node) => {
    const message = leftover(node, file);
    if (message === undefined || (message === "any" && explained.has(file.lineOf(node.start)))) return;
    add(node.start, message);
  });
  return findings;
}

/** Lines whose `any` the linter was told to accept, with a reason. */
function linesAfterReason(file: SourceFile): ReadonlySet<number> {
  const reasons = file.comments.filter(({ value }) => /biome-ignore lint\/suspicious\/noExplicitAny: \S/.test(value));
  return new Set(reasons.map((comment) => file.lineOf(comment.start) + 1));
}

function leftover(node: Syntax, file: SourceFile): string | undefined {
  switch (node.type) {
    case "TSAnyKeyword":
      return "any";
    case "ExportAllDeclaration":
      return "export *";
    case "DebuggerStatement":
      return "debugger";
    case "MemberExpression":
      return file.isTest ? focusedTest(node) : undefined;
    case "CatchClause":
      return isEmptyCatch(node, file) ? "an empty catch without a reason" : undefined;
    default:
      return undefined;
  }
}

function focusedTest(node: Syntax): string | undefined {
  const { object, property } = node as unknown as { object: { name?: string }; property: { name?: string } };
  const focused = /^(it|test|describe)$/.test(object.name ?? "") && property.name === "only";
  return focused ? `${object.name}.only` : undefined;
}

/** A catch that does nothing must say in a comment why nothing is right. */
function isEmptyCatch(node: Syntax, file: SourceFile): boolean {
  const body = node["body"] as Syntax;
  if ((body["body"] as readonly unknown[]).length > 0) return false;
  return !/\/[/*]/.test(file.text.slice(body.start, body.end));
}
