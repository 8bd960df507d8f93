/** The examples of documentation comments as one module: a function an example, over a world of the names that examples take for granted. */

import { transformSync } from "esbuild";
import { parseSync } from "vite";
import { publicDeclarations, publicMembers } from "../../scripts/docs/api-pages.ts";

export interface Example {
  /** `RDD.map`, and a number where there are several. */
  readonly name: string;
  readonly text: string;
  /** What the comment at its end says that comes out, where that is a list of values. */
  readonly stated: readonly unknown[] | undefined;
}

/** All examples of the API reference. */
export function docExamples(root: string): readonly Example[] {
  const found: Example[] = [];
  const add = (name: string, examples: readonly string[]) => {
    for (const [index, text] of examples.entries())
      found.push({ name: index === 0 ? name : `${name} ${index + 1}`, text, stated: statedBy(text) });
  };
  for (const { owner, member } of publicMembers(root)) add(`${owner}.${member.name}`, member.doc?.examples ?? []);
  for (const { name, doc, members } of publicDeclarations(root)) {
    add(name, doc?.examples ?? []);
    for (const member of members) add(`${name}.${member.name}`, member.doc?.examples ?? []);
  }
  return found;
}

function statedBy(text: string): readonly unknown[] | undefined {
  const comment = /[^:]\/\/ ([^\n]*)$/.exec(text)?.[1]?.replace(/ in some order$/, "");
  if (comment === undefined) return undefined;
  try {
    return new Function(`"use strict"; return [${comment}];`)() as unknown[];
  } catch {
    return undefined; // words, or a type
  }
}

/** The module's text in JavaScript. It exports `run`: name -> a function of the world, which resolves with the value of the example's last statement. */
export function exampleModule(examples: readonly Example[], worldNames: readonly string[]): string {
  const functions = examples.map(
    ({ name, text }) =>
      `${JSON.stringify(name)}: async (world) => { let { ${worldNames.join(", ")} } = world; {\n${returningLast(text)}\n} },`,
  );
  const source = `export const run = {\n${functions.join("\n")}\n};\n`;
  return transformSync(source, { loader: "ts", format: "esm", target: "node20" }).code;
}

/** The last statement becomes what the function returns: an expression's value, or that of the one variable it declares. */
function returningLast(text: string): string {
  const { program } = parseSync("example.ts", text);
  const last = program.body.at(-1);
  if (last?.type === "ExpressionStatement") {
    const { start, end } = last.expression;
    return `${text.slice(0, last.start)}return (${text.slice(start, end)});`;
  }
  const isPlain = last?.type === "VariableDeclaration" && (last.kind === "const" || last.kind === "let");
  const id = isPlain && last.declarations.length === 1 ? last.declarations[0]?.id : undefined;
  return id?.type === "Identifier" ? `${text}\nreturn ${id.name};` : text;
}
