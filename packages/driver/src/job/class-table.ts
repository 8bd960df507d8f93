/** The user's classes whose instances are rows: numbered when first met; their definitions are blocks that executors ask for. */

import type { ClassRegistry, PrivateFields } from "@volley/engine/columnar/types.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { privateFieldsOnDriver } from "../private-rows.js";

export class ClassTable implements ClassRegistry {
  readonly #classToId = new Map<Function, number>();
  readonly #idToClass: Function[] = [];
  readonly #privates = new Map<Function, PrivateFields | undefined>();
  readonly #publish: (classId: number, constructor: Function) => void;

  /** `publish` puts the class's definition where executors find it; it throws for a class that cannot travel. */
  constructor(publish: (classId: number, constructor: Function) => void) {
    this.#publish = publish;
  }

  idOf(constructor: Function): number {
    let id = this.#classToId.get(constructor);
    if (id === undefined) {
      id = this.#idToClass.push(constructor) - 1;
      this.#classToId.set(constructor, id);
      this.#publish(id, constructor);
    }
    return id;
  }

  privateFields(constructor: Function): PrivateFields | undefined {
    if (!this.#privates.has(constructor)) this.#privates.set(constructor, privateFieldsOnDriver(constructor));
    return this.#privates.get(constructor);
  }

  byId(classId: number): Function {
    const found = this.#idToClass[classId];
    if (found === undefined) throw new VolleyError("INTERNAL", `no class has the number ${classId}`);
    return found;
  }
}
