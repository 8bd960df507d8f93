/** The name of the method that Node asks an object for before it prints it. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
