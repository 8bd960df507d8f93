/** Private fields of a user's accumulator on the driver: the language lets nobody write them, V8's inspector does. */

import { privateStateOf } from "@volley/engine/columnar/row-classes.js";
import { type Inspector, withInspector } from "./closure/inspector.js";

/** Why what executors counted could not be put into the private fields of this instance; undefined where it can. */
export function whyPrivateStateStays(instance: object): string | undefined {
  const field = privateStateOf(instance.constructor);
  if (field === undefined) return undefined;
  if (!field.startsWith("#")) return `the private member ${field}`;
  return withInspector((inspector) => {
    const names = inspector.privateFields(instance).map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) return `the private member ${twice}, which its parent class has too`;
    return names.every((name) => canBeWritten(inspector, instance, name)) ? undefined : `the private member ${field}`;
  });
}

function canBeWritten(inspector: Inspector, instance: object, name: string): boolean {
  const before = inspector.privateFields(instance).find((field) => field.name === name)?.value;
  const isWritten = inspector.setPrivateField(instance, name, canBeWritten);
  return inspector.setPrivateField(instance, name, before) && isWritten;
}

/** Fills an instance's private fields with those of the same names. Which names there are is the instance's to say. */
export function setPrivateState(instance: object, state: Readonly<Record<string, unknown>>): void {
  withInspector((inspector) => {
    for (const { name } of inspector.privateFields(instance))
      if (Object.hasOwn(state, name)) inspector.setPrivateField(instance, name, state[name]);
  });
}
