import type { Finding } from "./finding.ts";
import { importSites } from "./imports.ts";
import { isSyntax, type SourceFile, type Syntax, walk } from "./source-file.ts";

/** Names of the host that a pure file may not read: timers, sockets, the process. */
const HOST_GLOBALS = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "clearImmediate",
  "queueMicrotask",
  "performance",
  "process",
  "fetch",
  "require",
  "WebSocket",
  "Worker",
  "MessageChannel",
  "BroadcastChannel",
  "Promise",
]);

/** Members that bring in the clock or chance. */
const HOST_MEMBERS = new Set(["Date.now", "Math.random", "Atomics.wait", "Atomics.waitAsync", "crypto.randomUUID"]);

/** Files of pure folders that may do one of these things, each with its reason. A file that no longer does it must leave the list. */
export interface Allowance {
  readonly file: string;
  readonly what: string;
  readonly reason: string;
}

/** The handles: their actions answer with promises, by contract. What makes the answer lies elsewhere. */
const PROMISES_ALLOWED = "packages/engine/src/rdd/";
const PROMISES = new Set(["async", "Promise"]);

export function isPure(path: string): boolean {
  if (/\.test\.ts$|\/testing\//.test(path)) return false;
  return path.startsWith("packages/engine/src/") || /^packages\/[^/]+\/src\/(.*\/)?core\//.test(path);
}

/** `engine` and every `core/` take time, chance and IO as arguments: they can be simulated, replayed and run on any host. */
export function checkPurity(file: SourceFile, allowed: readonly Allowance[]): Finding[] {
  if (!isPure(file.path)) return [];
  const found = new Map<string, number>();
  for (const site of importSites(file)) {
    if (site.specifier.startsWith("node:")) found.set(site.specifier, site.offset);
  }
  const own = declaredNames(file.program);
  walk(file.program, (node, parent) => {
    const what = impurity(node, parent, own);
    if (what === undefined || found.has(what)) return;
    if (!(PROMISES.has(what) && file.path.startsWith(PROMISES_ALLOWED))) found.set(what, node.start);
  });
  const permitted = new Set(allowed.filter((entry) => entry.file === file.path).map((entry) => entry.what));
  const findings: Finding[] = [];
  for (const [what, offset] of found) {
    if (permitted.delete(what)) continue;
    findings.push({ rule: "purity", file: file.path, line: file.lineOf(offset), message: `${what} in a pure file` });
  }
  for (const what of permitted) {
    findings.push({ rule: "purity", file: file.path, message: `the allowance for ${what} is not needed any more` });
  }
  return findings;
}

/** A parameter or variable of a global's name is the file's own. */
function declaredNames(program: Syntax): ReadonlySet<string> {
  const names = new Set<string>();
  walk(program, (node) => {
    if (node.type === "VariableDeclarator") names.add(nameOf(node["id"]));
    const params = node["params"];
    if (Array.isArray(params)) for (const param of params) names.add(nameOf(param));
  });
  return names;
}

function impurity(node: Syntax, parent: Syntax | undefined, own: ReadonlySet<string>): string | undefined {
  if (node["async"] === true) return "async";
  if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node["await"] === true)) return "async";
  if (node.type === "NewExpression" && nameOf(node["callee"]) === "Date" && isEmptyList(node["arguments"]))
    return "new Date()";
  if (node.type === "MemberExpression") {
    const member = `${nameOf(node["object"])}.${nameOf(node["property"])}`;
    return HOST_MEMBERS.has(member) ? member : undefined;
  }
  const name = nameOf(node);
  return HOST_GLOBALS.has(name) && !own.has(name) && isReference(node, parent) ? name : undefined;
}

/** A property's name, a key, a parameter's name or a type is no reference to the global. */
function isReference(node: Syntax, parent: Syntax | undefined): boolean {
  if (parent === undefined) return false;
  if (parent.type.startsWith("TS")) return false;
  if (parent.type === "MemberExpression") return parent["object"] === node || parent["computed"] === true;
  if (/^(Property|MethodDefinition|PropertyDefinition|AccessorProperty)$/.test(parent.type))
    return parent["value"] === node;
  if (/Specifier$/.test(parent.type) || /^(Arrow)?Function/.test(parent.type)) return false;
  return parent.type !== "LabeledStatement";
}

function nameOf(value: unknown): string {
  return isSyntax(value) && value.type === "Identifier" ? String(value["name"]) : "";
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
