/**
 * A user's function whose body is put in place of its call. What is gained: `([k, v]) => [v, k]` between two operators builds no array,
 * since the elements stay in variables, and of rows that lie in columns only those are decoded that the body reads.
 *
 * Only what provably means the same in another place is put there (`movable-code.ts`): no `this`, no assignment but to names of its own.
 * A body of statements gives its result wherever it returns; each of these exits puts it into the same variables. What the function
 * captures is read once a task, when it cannot change; where it may, the emitted code calls the function instead (`guard`).
 */

import { analyzeFunction } from "../closure/facts.js";
import type { NameUse } from "../closure/name-use.js";
import type { ParsedFunction } from "../closure/parse-function.js";
import type { FunctionNode } from "../closure/syntax.js";
import { type BodyText, bodyText, editedCut, givesFunction } from "./body-text.js";
import { fieldEdits } from "./field-reads.js";
import { type FreshVectors, freshVectors, type ScratchUse } from "./fresh-vectors.js";
import { keptByText } from "./kept-by-text.js";
import { LITERAL_NAMES, movableBody, STRICT_WORDS } from "./movable-code.js";
import { elementsOf, type Field, type Pattern, patternOf } from "./param-pattern.js";
import { vectorFields, vectorNames } from "./vector-names.js";
import { type Need, VectorReads } from "./vector-reads.js";

/** Longer bodies are called. Up to here a body in place costs half of a call that builds a row of three columns, and no more to compile. */
const BODY_LENGTH_MAX = 4000;

const GLOBAL_NAMES = new Set([
  "Math",
  "Number",
  "String",
  "Boolean",
  "Array",
  "Object",
  "JSON",
  "BigInt",
  "Date",
  "Map",
  "Set",
  "parseInt",
  "parseFloat",
  "isNaN",
  "isFinite",
  "Symbol",
  "RegExp",
  "Float64Array",
  "Int32Array",
  "Uint8Array",
]);

export interface InlineFunction extends BodyText {
  readonly params: readonly Pattern[];
  /** Names of parameters that the body assigns to. */
  readonly assigned: ReadonlySet<string>;
  /** Names that the body binds itself: they may hide a parameter. */
  readonly declared: ReadonlySet<string>;
  /** Free names, to be constants around the body. */
  readonly captures: readonly string[];
  /** It may be called instead: a captured name may turn out not to be constant, or the function not to be strict code. */
  readonly guard: boolean;
  /** It means the same only if it is strict code. */
  readonly mustBeStrict: boolean;
  /** Characters of the body. */
  readonly length: number;
  /** Names of parameters and of their elements that stand for vectors, as far as the body only reads them, and what must hold for that. */
  readonly vectors: ReadonlyMap<string, readonly Need[]>;
  /** Places for vectors that the body makes. */
  readonly scratches: readonly ScratchUse[];
  /** The same where the first, or the second, parameter is used by its fields only: they are parameters of their own. */
  readonly byFields?: readonly (InlineFunction | undefined)[];
}

/** How to put a function in place of its call; undefined when it must be called. Kept by text. */
export const inlineFunction = keptByText(analyze);

function analyze(text: string): InlineFunction | undefined {
  const { facts, parsed, free } = analyzeFunction(text);
  if (parsed === undefined || free === undefined) return undefined;
  if (facts.kind !== "arrow" && facts.kind !== "function") return undefined;
  if (
    facts.isAsync ||
    facts.isGenerator ||
    facts.usesThis ||
    facts.usesArguments ||
    facts.usesNewTarget ||
    facts.usesSuper ||
    facts.usesEval ||
    facts.assignedNames.length > 0
  )
    return undefined;
  if (free.dynamicImports.length > 0 || free.importMetas.length > 0 || free.privateNames.size > 0 || free.usesOwnName)
    return undefined;
  const node = parsed.node as FunctionNode;
  if (node.body.end - node.body.start > BODY_LENGTH_MAX) return undefined;
  const code = movableBody(node.body);
  if (code === undefined || givesFunction(node)) return undefined;
  const params = node.params.map((param) => patternOf(param, parsed));
  if (!params.every((param) => param !== undefined)) return undefined;
  const captures = facts.freeNames.filter((name) => !LITERAL_NAMES.has(name));
  if (captures.some((name) => STRICT_WORDS.has(name))) return undefined;
  const reads = new VectorReads(node, facts.freeNames);
  const fresh = freshVectors(reads, node, parsed, facts.freeNames);
  const isExit = (name: string) => !code.assigned.has(name) && !code.declared.has(name);
  const plain: InlineFunction = {
    params: params as Pattern[],
    vectors: vectorNames(reads, node, params as Pattern[], isExit),
    assigned: code.assigned,
    declared: code.declared,
    captures,
    guard: code.writesMembers || !captures.every((name) => GLOBAL_NAMES.has(name)),
    mustBeStrict: code.writesMembers,
    length: node.body.end - node.body.start,
    scratches: fresh.scratches,
    ...bodyText(node, editedCut(parsed, fresh.edits), fresh.exitToScratch),
  };
  const fields = (at: number, uses: readonly NameUse[]) => byFields(plain, at, node, parsed, uses, reads, fresh);
  return { ...plain, byFields: [fields(0, free.firstParameterUses), fields(1, free.secondParameterUses)] };
}

/** Reads each field of the parameter `at` under a name of its own: `p.x + p.y` is `$f0 + $f1`. */
function byFields(
  plain: InlineFunction,
  at: number,
  node: FunctionNode,
  parsed: ParsedFunction,
  uses: readonly NameUse[],
  reads: VectorReads,
  fresh: FreshVectors,
): InlineFunction | undefined {
  const param = plain.params[at];
  if (param === undefined) return undefined;
  const withFields = (fields: readonly Field[]) => plain.params.with(at, { kind: "fields", fields });
  // `({ x, y: b }) => ...`: the fields are read under the names that the pattern gives them.
  if (param.kind === "object") return { ...plain, params: withFields(elementsOf(param) ?? []) };
  const edits = param.kind === "name" ? fieldEdits(node.body, param.name, uses, parsed) : undefined;
  if (edits === undefined || param.kind !== "name") return undefined;
  const cut = editedCut(parsed, [...fresh.edits, ...edits.edits]);
  return {
    ...plain,
    vectors: new Map([...plain.vectors, ...vectorFields(reads, param.name, edits.fields)]),
    params: withFields(edits.fields),
    ...bodyText(node, cut, fresh.exitToScratch),
  };
}
