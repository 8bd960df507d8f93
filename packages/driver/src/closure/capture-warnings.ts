/** Things that run without an error and yet not as meant. */

import type { CaptureOptions } from "@volley/engine/closure/types.js";
import type { UserPlace } from "@volley/engine/wire/errors.js";
import type { GraphNode } from "./graph.js";
import { mapPosition } from "./source-position.js";

export interface CaptureWarning {
  readonly variable: string;
  readonly place: UserPlace;
  readonly message: string;
}

/** Functions given to operators that write to what they captured: the driver never sees it. */
export function captureWarnings(nodes: readonly GraphNode[], options: CaptureOptions): CaptureWarning[] {
  const warnings: CaptureWarning[] = [];
  for (const { fn, step } of nodes) {
    if (fn === undefined || step.kind !== "root") continue;
    const { assignedNames, mutatedNames } = fn.analysis.facts;
    const nameToValue = new Map(fn.bindings.map((binding) => [binding.name, binding.value]));
    const assigned = new Set(assignedNames);
    for (const variable of new Set([...assignedNames, ...mutatedNames])) {
      if (!nameToValue.has(variable)) continue;
      // `acc.add(1)` and `counts.add(key)` look alike: an accumulator is meant to be added to.
      const value = nameToValue.get(variable);
      const isHandle = typeof value === "object" && value !== null && options.handle(value) !== undefined;
      if (!assigned.has(variable) && isHandle) continue;
      const { operator, ...site } = options.describe(step.index);
      const place = fn.place.file === "" ? site : mapPosition(fn.place.file, fn.place.line + 1, fn.place.column + 1);
      warnings.push({
        variable,
        place,
        message: `the function given to ${operator} changes \`${variable}\`, a copy of the driver's: the driver does not see it; use longAccumulator or collectionAccumulator`,
      });
    }
  }
  return warnings;
}
