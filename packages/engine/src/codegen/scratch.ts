/** A place of a stage program where vectors come to be (`task/vector-scratch.ts`), while the program is being written. */

import type { CodeWriter } from "./code-writer.js";
import type { Need } from "./vector-reads.js";

export interface Scratch {
  readonly name: string;
  /** A function `(source, arrow) => vector` for `source.map(arrow)`. */
  readonly map: string | undefined;
  /** Somebody may keep a row's vector beyond the row: each needs an array of its own. */
  escapes: boolean;
  /** What must be true, when the task runs, of what the user function `fn` has captured. */
  readonly needs: { readonly fn: string; readonly needs: readonly Need[] }[];
}

/** The names under which a function's text asks for a place: `$map0` for `x.map(...)`, `$scratch0` for `new Float64Array(...)`. */
export function isMapName(name: string): boolean {
  return name.startsWith("$map");
}

/** What such a name stands for. */
export function placeText(scratch: Scratch, name: string): string {
  return isMapName(name) ? (scratch.map as string) : scratch.name;
}

/** Declares it, and its function where vectors are made by `map`. */
export function writeScratch(out: CodeWriter, scratch: Scratch): void {
  const { name, map, escapes } = scratch;
  out.line(`const ${name} = ${scratchText(scratch)};`);
  if (map === undefined) return;
  if (escapes) return out.line(`const ${map} = (source, f) => source.map(f);`);
  out.block(
    `const ${map} = (source, f) =>`,
    () => {
      out.line(`const target = ${name}.like(source);`);
      out.line("if (target === undefined) return source.map(f);");
      out.block("for (let at = 0, end = source.length; at < end; at++)", () => {
        out.line("const v = source[at];");
        out.line(`if (v === undefined && !(at in source)) ${name}.gap(target, at);`);
        out.line("else target[at] = f(v, at);");
      });
      out.line("return target;");
    },
    "};",
  );
}

/** The expression that makes it. */
function scratchText({ escapes, needs }: Scratch): string {
  if (escapes || needs.length === 0) return `t.vectorScratch(${!escapes})`;
  const texts = needs.map(({ fn, needs: list }) => `[${fn}, ${JSON.stringify(list.map(needText))}]`);
  return `t.vectorScratch(true, [${[...new Set(texts)].join(", ")}])`;
}

/** As `task/needs-met.ts` reads it. */
export function needText(need: Need): readonly (string | number)[] {
  if (need.kind === "plain") return [need.kind];
  return need.kind === "reader" ? [need.kind, need.name, need.param] : [need.kind, need.name];
}
