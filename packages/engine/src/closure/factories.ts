/** Factories of functions and classes (`factory-text.ts`), compiled once a thread. */

import type { Template } from "./envelope-format.js";
import type { ReviveHost } from "./types.js";

export type Factory = (...values: readonly unknown[]) => unknown;

/** Compiled factories by place and text: a loop that captures a new number each round compiles nothing. */
const FACTORIES_MAX = 20_000;
const factories = new Map<string, Factory>();

/** Factories that give strict code: how their text begins. */
const STRICT_FACTORY = /^\([^)]*\)=>\{"use strict";/;
const strictFactories = new WeakSet<Factory>();

export function compiledFactory(template: Template, host: ReviveHost): Factory {
  const key = `${template.file}\n${template.line}:${template.column}\n${template.text}`;
  let factory = factories.get(key);
  if (factory === undefined) {
    factory = host.compile(template.text, template.file, template.line, template.column) as Factory;
    if (STRICT_FACTORY.test(template.text)) strictFactories.add(factory);
    if (factories.size >= FACTORIES_MAX) factories.delete(factories.keys().next().value as string);
    factories.set(key, factory);
  }
  return factory;
}

export function givesStrictCode(factory: Factory): boolean {
  return strictFactories.has(factory);
}
