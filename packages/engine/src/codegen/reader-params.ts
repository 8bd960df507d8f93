/** Which parameters a function only reads, should vectors be given for them: said of every captured function, for those that call it. */

import type { FunctionAnalysis } from "../closure/facts.js";
import type { FunctionNode } from "../closure/syntax.js";
import { needText } from "./scratch.js";
import { isIdentifier, isNamed } from "./vector-places.js";
import { VectorReads } from "./vector-reads.js";

/** Longer functions are not looked at. */
const TEXT_LENGTH_MAX = 8_000;

const known = new WeakMap<FunctionAnalysis, string>();

/** JSON: for each parameter its needs (`task/needs-met.ts`), or null where it may be kept. Empty when all may. */
export function readerParams(analysis: FunctionAnalysis): string {
  let text = known.get(analysis);
  if (text === undefined) {
    text = analyze(analysis);
    known.set(analysis, text);
  }
  return text;
}

function analyze({ facts, parsed }: FunctionAnalysis): string {
  if (parsed === undefined || parsed.text.length > TEXT_LENGTH_MAX) return "";
  if ((facts.kind !== "arrow" && facts.kind !== "function") || facts.isAsync || facts.isGenerator) return "";
  if (facts.usesArguments || facts.usesEval || facts.params.length === 0) return "";
  const node = parsed.node as FunctionNode;
  const reads = new VectorReads(node, facts.freeNames);
  const params = node.params.map((param) => {
    const uses = isIdentifier(param) ? reads.uses(isNamed(param.name)) : undefined;
    return uses?.areVectors === true ? uses.needs.map(needText) : null;
  });
  return params.every((param) => param === null) ? "" : JSON.stringify(params);
}
