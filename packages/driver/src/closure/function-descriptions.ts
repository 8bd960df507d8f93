/** The last step for a function or class: its factory's text and the values it takes, once it is known what exists before it. */

import type { ClassMember } from "@volley/engine/closure/class-text.js";
import { classFactory } from "@volley/engine/closure/class-text.js";
import type { Template } from "@volley/engine/closure/envelope-format.js";
import { NODE } from "@volley/engine/closure/envelope-format.js";
import type { EnvelopeWriter, NodeDescription } from "@volley/engine/closure/envelope-writer.js";
import { factoryTemplate, functionFactory, STAND_IN } from "@volley/engine/closure/factory-text.js";
import { assert } from "@volley/engine/lib/assert.js";
import type { CaptureRun } from "./capture-run.js";
import type { Binding, FunctionCapture } from "./function-capture.js";
import type { FunctionExtras } from "./function-nodes.js";
import { parentOf } from "./function-nodes.js";
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
  if (free !== undefined && free.privateNames.size > 0) {
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
    } else if (
      member.kind !== "field" ||
      !/^(["'`][^$]*|Symbol\.\w+)$/.test(capture.text.slice(member.computed.start, member.computed.end))
    ) {
      throw run.refuse(node, {
        what: `the class ${capture.fn.name}, whose member [${capture.text.slice(member.computed.start, member.computed.end)}] was made under a name that cannot be found again`,
        cure: "Give the member a name that is not computed.",
      });
    }
  }
  return keys;
}

export function describeFunction(
  run: CaptureRun,
  node: GraphNode,
  capture: FunctionCapture,
  extras: FunctionExtras | undefined,
  writer: EnvelopeWriter,
): NodeDescription {
  if (capture.member !== undefined) {
    const { owner, key, which, isStatic } = capture.member;
    return { kind: NODE.member, numbers: [which, isStatic ? 1 : 0], slots: [owner, key] };
  }
  const fixed = fixedValues(run, node, capture, extras);
  const fixedNames = new Set(fixed.map(({ name }) => name));
  const variables = capture.bindings.filter(({ name }) => !fixedNames.has(name));
  const isSelf = ({ value, isAssigned, isCell }: Binding): boolean => value === capture.fn && !isAssigned && !isCell;
  const isLate = ({ value }: Binding): boolean => isReferent(value) && run.graph.numberOf(value) >= node.number;
  const selfNames = variables.filter(isSelf).map(({ name }) => name);
  const late = variables.filter((binding) => !isSelf(binding) && isLate(binding));
  const early = [...variables.filter((binding) => !isSelf(binding) && !isLate(binding)), ...fixed];
  const names = { early: early.map(({ name }) => name), late: late.map(({ name }) => name), selfNames };
  const template = makeTemplate(run, node, capture, extras, names);
  const slots = [...early, ...late].map(({ value }) => value);
  const details = extras?.details;
  const classId = capture.isClass || isInstantiated(run, capture.fn) ? run.options.classId(capture.fn) : -1;
  const shared = {
    ...(extras !== undefined && extras.special.length > 0 ? { special: extras.special } : {}),
    ...(extras?.prototype === undefined ? {} : { prototype: extras.prototype }),
    ...(extras?.closed === undefined ? {} : { closed: extras.closed }),
  };
  if (details === undefined)
    return { kind: NODE.function, numbers: [writer.template(template), classId], slots, ...shared };
  return {
    kind: NODE.class,
    numbers: [writer.template(template), classId, details.staticPrivates.length],
    slots: [...slots, ...details.staticPrivates],
    ...shared,
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
  extras: FunctionExtras | undefined,
  names: { readonly early: readonly string[]; readonly late: readonly string[]; readonly selfNames: readonly string[] },
): Template {
  const { analysis, text, place, fn } = capture;
  const cells = new Set(capture.bindings.filter(({ isCell }) => isCell).map(({ name }) => name));
  const request = { analysis, text, name: nameOf(fn), cells, ...names };
  const details = extras?.details;
  const made =
    details === undefined
      ? functionFactory({ ...request, strict: capture.strict, dropOwnName: capture.dropOwnName })
      : classFactory({
          ...request,
          outline: details.outline,
          computedKeys: computedKeys(run, node, capture, extras as FunctionExtras),
        });
  assert(made.bodyEnd <= made.text.length, "the body lies in the factory");
  const allNames = [...names.early, ...names.late];
  return factoryTemplate(made, place, allNames, names.late.length, details === undefined ? "function" : "class");
}

function nameOf(fn: Function): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, "name")?.value;
  return typeof name === "string" ? name : "";
}
