/** Texts that are kept; a driver that makes functions without end begins anew. */
const TEXTS_MAX = 10_000;

/** What `analyze` finds in a function's text, found once a text: rounds of a loop bring the same functions again. Undefined for what is no function. */
export function keptByText<T>(analyze: (text: string) => T | undefined): (f: unknown) => T | undefined {
  const found = new Map<string, T | undefined>();
  return (f) => {
    if (typeof f !== "function") return undefined;
    const text = Function.prototype.toString.call(f);
    if (found.has(text)) return found.get(text);
    const made = analyze(text);
    if (found.size >= TEXTS_MAX) found.clear();
    found.set(text, made);
    return made;
  };
}
