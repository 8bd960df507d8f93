import { bindPattern } from "./bind-pattern.js";
import type { CodeWriter } from "./code-writer.js";
import type { PartsFold } from "./parts-fold.js";
import type { PipelineDraft } from "./pipeline-draft.js";
import { type RowRef, valueRef } from "./row-ref.js";
import { vectorArguments } from "./vector-arguments.js";

/** Changes the parts of the variable `total` in place. `fn` is the name of the merging function. */
export function emitPartsFold(
  draft: PipelineDraft,
  w: CodeWriter,
  merge: PartsFold,
  fn: string,
  total: string,
  value: RowRef,
): void {
  if (merge.byFields !== undefined && takesFields(merge.byFields, value))
    return emitPartsFold(draft, w, merge.byFields, fn, total, value);
  const given = vectorArguments(fn, { params: [merge.other], vectors: merge.reads }, [value]);
  w.block("", () => {
    bindPattern(draft, w, merge.total, valueRef(total), "const", new Map());
    bindPattern(draft, w, merge.other, value, "const", given);
    // What is no vector is found out first: it may look at anything as it was.
    const values = merge.values.map(({ key, text }) => {
      const made = draft.fresh("part");
      w.line(`const ${made} = (${text});`);
      return `${total}[${JSON.stringify(key)}] = ${made};`;
    });
    for (const { key, element, index, text } of merge.vectors) {
      const [vector, at, end] = [draft.fresh("part"), draft.fresh("at"), draft.fresh("end")];
      w.line(`const ${vector} = ${total}[${JSON.stringify(key)}];`);
      w.block(`for (let ${at} = 0, ${end} = ${vector}.length; ${at} < ${end}; ${at}++)`, () => {
        w.line(`const ${element} = ${vector}[${at}]${index === undefined ? "" : `, ${index} = ${at}`};`);
        w.line(`${vector}[${at}] = (${text});`);
      });
    }
    for (const line of values) w.line(line);
  });
}

function takesFields({ other }: PartsFold, value: RowRef): boolean {
  return (
    value.kind === "tuple" &&
    other.kind === "fields" &&
    other.fields.every(({ key }) => typeof key === "number" && key < value.items.length)
  );
}
