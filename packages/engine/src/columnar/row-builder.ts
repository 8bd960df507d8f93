/**
 * Puts columns together into rows: a loop generated once a shape, so that all rows come out of one literal and have one hidden class.
 * Names of properties enter the source as JSON strings only.
 */

/** Makes `count` rows of the columns. `present[k]`: for a column whose values may be missing, 1 where there is one. */
export type RowBuilder = (
  columns: readonly ArrayLike<unknown>[],
  count: number,
  present: readonly (Uint8Array | undefined)[],
) => unknown[];

/** Builders kept for reuse; see GATHERS_MAX. */
const BUILDERS_MAX = 500;
const plainBuilders = new Map<string, RowBuilder>();
const classBuilders = new WeakMap<object, Map<string, RowBuilder>>();

/** Columns of one kind of storage are read in code of their own, which V8 then keeps fast. */
function storage(columns: readonly ArrayLike<unknown>[]): string {
  let text = "";
  for (const column of columns) text += column instanceof Int32Array ? "i" : column instanceof Float64Array ? "d" : "a";
  return text;
}

export function tupleBuilder(columns: readonly ArrayLike<unknown>[]): RowBuilder {
  const key = storage(columns);
  return cached(plainBuilders, key, () =>
    loop(columns.length, "", `rows[i] = [${columns.map((_, index) => `c${index}[i]`).join(", ")}];`),
  );
}

/** `isOptional[k]`: may column k be missing in a row? */
export function objectBuilder(
  names: readonly string[],
  isOptional: readonly boolean[],
  columns: readonly ArrayLike<unknown>[],
): RowBuilder {
  const key = `${storage(columns)}${isOptional.map(Number).join("")}${JSON.stringify(names)}`;
  return cached(plainBuilders, key, () => {
    if (isOptional.includes(true))
      return loop(names.length, "", assignments(names, isOptional, Object.prototype, "{}"));
    const properties = names.map(
      (name, index) => `${name === "__proto__" ? '["__proto__"]' : JSON.stringify(name)}: c${index}[i]`,
    );
    return loop(names.length, "", `rows[i] = { ${properties.join(", ")} };`);
  });
}

/** Instances of the class with this prototype; its constructor and setters do not run. */
export function instanceBuilder(
  prototype: object,
  names: readonly string[],
  isOptional: readonly boolean[],
  columns: readonly ArrayLike<unknown>[],
): RowBuilder {
  let builders = classBuilders.get(prototype);
  if (builders === undefined) {
    builders = new Map();
    classBuilders.set(prototype, builders);
  }
  const key = `${storage(columns)}${isOptional.map(Number).join("")}${JSON.stringify(names)}`;
  return cached(builders, key, () => {
    const setup = "function Instance() {}\nInstance.prototype = prototype;";
    return loop(names.length, setup, assignments(names, isOptional, prototype, "new Instance()"), prototype);
  });
}

/** A new object filled property by property, in order. */
function assignments(
  names: readonly string[],
  isOptional: readonly boolean[],
  prototype: object,
  fresh: string,
): string {
  const steps = names.map((name, index) => {
    const key = JSON.stringify(name);
    const value = `c${index}[i]`;
    const set =
      name in prototype
        ? `defineProperty(row, ${key}, { value: ${value}, writable: true, enumerable: true, configurable: true });`
        : `row[${key}] = ${value};`;
    return isOptional[index] === true ? `if (p${index} === undefined || p${index}[i] === 1) ${set}` : set;
  });
  return `const row = ${fresh};\n${steps.join("\n")}\nrows[i] = row;`;
}

function loop(width: number, setup: string, body: string, prototype?: object): RowBuilder {
  const indices = Array.from({ length: width }, (_, index) => index);
  const source = `${setup}
  return function build(columns, count, present) {
    ${indices.map((index) => `const c${index} = columns[${index}], p${index} = present[${index}];`).join("\n    ")}
    const rows = new Array(count);
    for (let i = 0; i < count; i++) {
      ${body}
    }
    return rows;
  };`;
  const make = new Function("prototype", "defineProperty", source) as (
    prototype: object | undefined,
    defineProperty: unknown,
  ) => RowBuilder;
  return make(prototype, Object.defineProperty);
}

function cached(builders: Map<string, RowBuilder>, key: string, make: () => RowBuilder): RowBuilder {
  let builder = builders.get(key);
  if (builder === undefined) {
    builder = make();
    if (builders.size >= BUILDERS_MAX) builders.clear();
    builders.set(key, builder);
  }
  return builder;
}
