/** The classes that a task's rows are instances of: those its closures brought, and those it asks the driver for. */

import { revivedPrivateFields } from "../closure/revive-classes.js";
import type { ClassRegistry, PrivateFields } from "../columnar/types.js";
import { assert } from "../lib/assert.js";

/** Ids of revived classes. For the whole slot: a broadcast value outlives the task that revived it. */
const classToId = new WeakMap<Function, number>();
const classToPrivates = new WeakMap<Function, PrivateFields>();

export class TaskClasses implements ClassRegistry {
  readonly #idToClass = new Map<number, Function>();
  readonly #load: (classId: number) => void;

  /** `load` revives the class of an id, which registers it. */
  constructor(load: (classId: number) => void) {
    this.#load = load;
  }

  register(classId: number, constructor: Function): void {
    this.#idToClass.set(classId, constructor);
    classToId.set(constructor, classId);
  }

  idOf(constructor: Function): number | undefined {
    return classToId.get(constructor);
  }

  privateFields(constructor: Function): PrivateFields | undefined {
    const known = classToPrivates.get(constructor);
    if (known !== undefined) return known;
    const found = revivedPrivateFields(constructor);
    if (found !== undefined) classToPrivates.set(constructor, found);
    return found;
  }

  byId(classId: number): Function {
    if (!this.#idToClass.has(classId)) this.#load(classId);
    const found = this.#idToClass.get(classId);
    assert(found !== undefined, `class ${classId} is registered when revived`);
    return found;
  }
}
