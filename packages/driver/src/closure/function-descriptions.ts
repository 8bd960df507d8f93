/** The last step for a function or class: its factory's text and the values it takes, once it is known what exists before it. */

import type { ClassMember } from "@volley/engine/closure/class-text.js";
import { classFactory } from "@volley/engine/closure/class-text.js";
import type { Template } from "@volley/engine/closure/envelope-format.js";
import { NODE } from "@volley/engine/closure/envelope-format.js";
import type { EnvelopeWriter, NodeDescription } from "@volley/engine/closure/envelope-writer.js";
import {
  type FactoryRequest,
  factoryTemplate,
  functionFactory,
  STAND_IN,
} from "@volley/engine/closure/factory-text.js";
import type { Span } from "@volley/engine/closure/name-use.js";
import { readerParams } from "@volley/engine/codegen/reader-params.js";
import { assert } from "@volley/engine/lib/assert.js";
import type { CaptureRun } from "./capture-run.js";
import { parentOf } from "./class-nodes.js";
import type { Binding, FunctionCapture, FunctionExtras } from "./function-capture.js";
import type { GraphNode, Referent } from "./graph.js";
import { isReferent } from "./graph.js";

/** Values that a factory must have at once, by the name under which it takes them. */
interface Fixed {
  readonly name: string;
  readonly value: unknown;
}

/** Sets what must exist before the function, and what had better. */
export function setDependencies(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  extras: FunctionExtras | undefined,
): void {
  if (capture.member !== undefined) {
    run.graph.reach(capture.member.owner, node, { kind: "silent" });
    const needed: unknown[] = [capture.member.owner, capture.member.key];
    node.hard = needed.filter(isReferent);
    return;
  }
  const fixed: unknown[] = fixedValues(run, node, capture, extras).map(({ value }) => value);
  if (extras?.prototype !== undefined) fixed.push(extras.prototype);
  if (capture.nestedIn !== undefined) fixed.push(capture.nestedIn);
  node.hard = fixed.filter(isReferent);
  node.soft = capture.bindings
    .map(({ value }) => value)
    .filter((value): value is Referent => isReferent(value) && value !== capture.fn);
}

function fixedValues(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  extras: FunctionExtras | undefined,
): Fixed[] {
  const { facts, free, parsed } = capture.analysis;
  const fixed: Fixed[] = [];
  const details = extras?.details;
  if (details !== undefined && extras !== undefined) {
    if (details.outline.hasHeritage) fixed.push({ name: STAND_IN.parent, value: parentOf(capture.fn) });
    for (const [member, name] of computedKeys(run, node, capture, extras)) {
      fixed.push({ name, value: details.members.find((found) => found.member === member)?.key });
    }
    return fixed;
  }
  if (free !== undefined && free.privateNames.size > 0 && capture.nestedIn === undefined) {
    throw run.refuse(node, {
      what: `a function that uses the private name #${[...free.privateNames][0]} outside its class`,
      cure: "Capture the object or the class instead of the function alone.",
    });
  }
  if (facts.usesSuper) {
    if (capture.home === undefined) {
      throw run.refuse(node, {
        what: "a method that uses `super`, torn off its object",
        cure: "Capture the object, and call the method on it.",
      });
    }
    fixed.push({ name: STAND_IN.home, value: Object.getPrototypeOf(capture.home) as unknown });
    if (facts.kind === "arrow") fixed.push({ name: STAND_IN.this, value: bindingOf(capture, STAND_IN.this)?.value });
  }
  if (parsed?.key?.computed === true) fixed.push({ name: STAND_IN.key, value: keyFromName(capture.fn.name) });
  return fixed;
}

function bindingOf(capture: FunctionCapture, name: string): Binding | undefined {
  return capture.bindings.find((binding) => binding.name === name);
}

/** A function's name tells the key it was made under: "[Symbol.iterator]", "get size". */
function keyFromName(name: string): string | symbol {
  const plain = name.replace(/^(get|set) /, "");
  const found = /^\[Symbol\.(\w+)\]$/.exec(plain);
  const symbol = found === null ? undefined : (Symbol as unknown as Record<string, unknown>)[found[1] as string];
  return typeof symbol === "symbol" ? symbol : plain;
}

/** Computed members that have a key of the class's own: the name of the parameter that takes it. */
function computedKeys(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  extras: FunctionExtras,
): Map<ClassMember, string> {
  const keys = new Map<ClassMember, string>();
  for (const member of extras.details?.outline.members ?? []) {
    if (member.computed === undefined || (member.kind === "field" && member.isStatic)) continue;
    if (extras.details?.members.some((found) => found.member === member) === true) {
      keys.set(member, `$volleyKey${keys.size}`);
    } else if (member.kind !== "field" || !isSettledKey(capture, member.computed)) {
      throw run.refuse(node, {
        what: `the class ${capture.fn.name}, whose member [${capture.text.slice(member.computed.start, member.computed.end)}] was made under a name that cannot be found again`,
        cure: "Give the member a name that is not computed.",
      });
    }
  }
  return keys;
}

/** An expression that gives the same name when it is evaluated again: a literal, a well-known symbol, a variable that nobody assigns to. */
function isSettledKey(capture: FunctionCapture, span: Span): boolean {
  const text = capture.text.slice(span.start, span.end);
  if (/^(["'`][^$]*|Symbol\.\w+)$/.test(text)) return true;
  const variable = bindingOf(capture, text);
  return variable !== undefined && !variable.isAssigned && !variable.isCell;
}

type ExtrasOf = (node: GraphNode) => FunctionExtras | undefined;

/** What a factory takes: at once, later, and the names by which the function knows itself. */
interface Taken {
  readonly early: readonly Fixed[];
  readonly late: readonly Fixed[];
  readonly selfNames: readonly string[];
}

export function describeFunction(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  extrasOf: ExtrasOf,
  writer: EnvelopeWriter,
): NodeDescription {
  if (capture.member !== undefined) {
    const { owner, key, which, isStatic } = capture.member;
    return { kind: NODE.member, numbers: [which, isStatic ? 1 : 0], slots: [owner, key] };
  }
  const extras = extrasOf(node);
  const taken = takenBy(run, node, capture, extras);
  const slots = [...taken.early, ...taken.late].map(({ value }) => value);
  const shared = {
    ...(extras !== undefined && extras.special.length > 0 ? { special: extras.special } : {}),
    ...(extras?.prototype === undefined ? {} : { prototype: extras.prototype }),
    ...(extras?.closed === undefined ? {} : { closed: extras.closed }),
  };
  if (capture.nestedIn !== undefined) {
    const index = extrasOf(run.graph.node(capture.nestedIn))?.details?.nested.indexOf(node) ?? -1;
    return { kind: NODE.nested, numbers: [index, taken.late.length], slots: [capture.nestedIn, ...slots], ...shared };
  }
  const template = writer.template(makeTemplate(run, node, capture, extrasOf, taken));
  const classId = capture.isClass || isInstantiated(run, capture.fn) ? run.options.classId(capture.fn) : -1;
  const details = extras?.details;
  if (details === undefined) return { kind: NODE.function, numbers: [template, classId], slots, ...shared };
  return {
    kind: NODE.class,
    numbers: [template, classId, details.staticPrivates.length],
    slots: [...slots, ...details.staticPrivates],
    ...shared,
  };
}

function takenBy(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  extras: FunctionExtras | undefined,
): Taken {
  const fixed = fixedValues(run, node, capture, extras);
  const fixedNames = new Set(fixed.map(({ name }) => name));
  const variables = capture.bindings.filter(({ name }) => !fixedNames.has(name));
  const isSelf = ({ value, isAssigned, isCell }: Binding): boolean => value === capture.fn && !isAssigned && !isCell;
  const isLate = ({ value }: Binding): boolean => isReferent(value) && run.graph.numberOf(value) >= node.number;
  return {
    early: [...variables.filter((binding) => !isSelf(binding) && !isLate(binding)), ...fixed],
    late: variables.filter((binding) => !isSelf(binding) && isLate(binding)),
    selfNames: variables.filter(isSelf).map(({ name }) => name),
  };
}

/** An old-style class: a function whose prototype travels. */
function isInstantiated(run: CaptureRun, fn: Function): boolean {
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  return isReferent(prototype) && run.graph.has(prototype);
}

function makeTemplate(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  extrasOf: ExtrasOf,
  taken: Taken,
): Template {
  const extras = extrasOf(node);
  const details = extras?.details;
  const made =
    details === undefined || extras === undefined
      ? functionFactory(requestOf(capture, taken, capture.strict))
      : classFactory({
          ...requestOf(capture, taken, true),
          outline: details.outline,
          computedKeys: computedKeys(run, node, capture, extras),
          nested: details.nested.map((inner) => nestedFactory(run, inner, extrasOf)),
        });
  const names = [...taken.early, ...taken.late].map(({ name }) => name);
  const late = taken.late.length;
  const { facts, parsed } = capture.analysis;
  const assignsNothing = parsed !== undefined && facts.assignedNames.length === 0 && !facts.usesEval;
  const said =
    details !== undefined
      ? ({ kind: "class", readerParams: "" } as const)
      : ({ kind: "function", readerParams: readerParams(capture.analysis) } as const);
  return factoryTemplate(made, capture.place, names, late, { ...said, assignsNothing });
}

function nestedFactory(run: CaptureRun, node: GraphNode, extrasOf: ExtrasOf): string {
  const capture = node.fn;
  assert(capture !== undefined, "what stands in a class is a function");
  return functionFactory(requestOf(capture, takenBy(run, node, capture, extrasOf(node)), false)).text;
}

function requestOf(capture: FunctionCapture, taken: Taken, strict: boolean): FactoryRequest {
  const { analysis, text, fn, dropOwnName } = capture;
  return {
    analysis,
    text,
    name: nameOf(fn),
    strict,
    dropOwnName,
    early: taken.early.map(({ name }) => name),
    late: taken.late.map(({ name }) => name),
    selfNames: taken.selfNames,
    cells: new Set(capture.bindings.filter(({ isCell }) => isCell).map(({ name }) => name)),
  };
}

function nameOf(fn: Function): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, "name")?.value;
  return typeof name === "string" ? name : "";
}
