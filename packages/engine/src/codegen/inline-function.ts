/**
 * A user's function whose body is put in place of its call. What is gained: `([k, v]) => [v, k]` between two operators builds no array,
 * since the elements stay in variables, and of rows that lie in columns only those are decoded that the body reads.
 *
 * Only what provably means the same in another place is put there (`movable-code.ts`): no `this`, no assignment but to names of its own.
 * A body of statements gives its result wherever it returns; each of these exits puts it into the same variables. What the function
 * captures is read once a task, when it cannot change; where it may, the emitted code calls the function instead (`guard`).
 */

import { analyzeFunction } from "../closure/facts.js";
import type { FunctionNode } from "../closure/syntax.js";
import { type BodyText, bodyText, editedCut, givesFunction } from "./body-text.js";
import { FieldEdits, type FieldUse, fieldUses, type Reach } from "./field-reads.js";
import { freshVectors, type ScratchUse } from "./fresh-vectors.js";
import { keptByText } from "./kept-by-text.js";
import { LITERAL_NAMES, movableBody, STRICT_WORDS } from "./movable-code.js";
import { namesOf, type Pattern, patternOf, withPattern } from "./param-pattern.js";
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
  /** Names of parameters and of their elements that the body uses by their fields only. */
  readonly openNames: readonly string[];
  /** The same with the fields of some of these names as parameters of their own: of those for which `reachOf` gives how deep they can be read. */
  open(reachOf: (name: string) => Reach | undefined): InlineFunction;
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
  const nameToUses = new Map<string, readonly FieldUse[]>();
  for (const name of (params as Pattern[]).flatMap(namesOf)) {
    // Where the body binds the name again its text does not tell which of both is meant.
    const uses = code.declared.has(name)
      ? undefined
      : fieldUses(node.body, name, free.parameterUses.get(name) ?? [], parsed);
    if (uses !== undefined) nameToUses.set(name, uses);
  }
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
    openNames: [...nameToUses.keys()],
    open(reachOf) {
      const edits = new FieldEdits();
      let [opened, vectors] = [plain.params, plain.vectors];
      for (const [name, uses] of nameToUses) {
        const reach = reachOf(name);
        const fields = reach === undefined ? undefined : edits.open(uses, reach);
        if (fields === undefined) continue;
        opened = opened.map((param) => withPattern(param, name, fields));
        vectors = new Map([...vectors, ...vectorFields(reads, name, uses, fields)]);
      }
      if (edits.edits.length === 0) return plain;
      const cut = editedCut(parsed, [...fresh.edits, ...edits.edits]);
      return { ...plain, params: opened, vectors, ...bodyText(node, cut, fresh.exitToScratch), openNames: [] };
    },
  };
  return plain;
}
