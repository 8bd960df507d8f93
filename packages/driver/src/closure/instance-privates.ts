/** Private fields of instances: read through the inspector, dealt out to the classes of the instance's chain. */

import { types } from "node:util";
import type { CaptureRun } from "./capture-run.js";
import type { FunctionCapturer } from "./function-nodes.js";
import type { GraphNode } from "./graph.js";

export interface OwnedPrivates {
  readonly owner: Function;
  readonly values: readonly unknown[];
}

export class InstancePrivates {
  readonly #run: CaptureRun;
  readonly #functions: FunctionCapturer;

  constructor(run: CaptureRun, functions: FunctionCapturer) {
    this.#run = run;
    this.#functions = functions;
  }

  /** For each class of the chain that stamps its instances, parents first: values of its private fields, in the class's order. */
  of(node: GraphNode, value: object): OwnedPrivates[] {
    const owners = this.#stampingClasses(value);
    if (owners.length === 0) return [];
    const { graph, inspector } = this.#run;
    const fields = inspector.privateFields(value);
    return owners.map(({ constructor, names }) => {
      const byReference = this.#functions.isByReference(constructor);
      if (byReference) {
        throw this.#run.refuse(node, {
          what: `an instance of the package's class ${constructor.name}, which has private fields`,
          cure: "Make the instance where it is used, from data that travels.",
        });
      }
      graph.reach(constructor, node, { kind: "silent" });
      const values = names.map((name) => {
        const at = fields.findIndex((field) => field.name === name);
        const found = at < 0 ? undefined : fields.splice(at, 1)[0];
        graph.reach(found?.value, node, { kind: "property", key: name });
        return found?.value;
      });
      return { owner: constructor, values };
    });
  }

  #stampingClasses(value: object): { constructor: Function; names: readonly string[] }[] {
    const found: { constructor: Function; names: readonly string[] }[] = [];
    let prototype = Object.getPrototypeOf(value) as object | null;
    while (
      prototype !== null &&
      prototype !== Object.prototype &&
      prototype !== Array.prototype &&
      !types.isProxy(prototype)
    ) {
      const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
      const names = typeof constructor === "function" ? this.#functions.privateFieldsOf(constructor) : undefined;
      if (names !== undefined) found.unshift({ constructor: constructor as Function, names });
      prototype = Object.getPrototypeOf(prototype) as object | null;
    }
    return found;
  }
}
