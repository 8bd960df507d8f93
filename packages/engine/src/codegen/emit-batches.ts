/**
 * Loops over the rows of batches. Where all that follows reads elements of the rows only, a loop runs over their columns; the loops after it are for
 * batches whose rows are of another form:
 *
 *     if (t.hasPairs($batch) && t.hasColumns($batch, [[1,"price"]])) { ... }    what is read inside of elements lies in columns too
 *     else if (t.hasPairs($batch)) { ... }                                      elements are values
 *     else { ... }                                                              rows are values
 */

import type { EmitNext } from "../operators/operator.js";
import { type Closed, ColumnReads } from "./column-reads.js";
import type { PipelineDraft } from "./pipeline-draft.js";
import { type RowRef, tupleRef, valueRef } from "./row-ref.js";

/** Lines of a loop that may be written a third time: what V8 compiles at once has its limits. */
const DEEP_LINES_MAX = 150;

/** How a loop stands in the text: over batches, and over the rows of one. */
interface Loop {
  readonly head: string;
  readonly batch: string;
  readonly index: string;
  /** The loop that takes rows of every form. */
  readonly otherwise: () => void;
  /** Whether that loop is as good as one over these columns. */
  readonly isAsGood?: (reads: ColumnReads) => boolean;
}

/** A loop over columns, and its reads. */
interface ColumnLoop {
  readonly reads: ColumnReads;
  readonly count: string;
  readonly lines: readonly string[];
}

/** A loop over rows of any form; `batches` is an expression for an iterable of BatchView. */
export function emitBatches(draft: PipelineDraft, batches: string, next: EmitNext): void {
  const [batch, index] = [draft.let("batch"), draft.let("i")];
  const otherwise = () => {
    const [rows, count] = [draft.fresh("rows"), draft.fresh("n")];
    draft.body.line(`const ${rows} = ${batch}.column(), ${count} = ${batch}.rowCount;`);
    draft.loop(`for (${index} = 0; ${index} < ${count}; ${index}++)`, () => next(assigned(draft, `${rows}[${index}]`)));
  };
  const loop = { head: `for ${draft.isAsync ? "await " : ""}(${batch} of ${batches})`, batch, index, otherwise };
  emitLoops(draft, loop, next);
}

/** A loop over pairs that a keyed exchange wrote. */
export function emitPairBatches(draft: PipelineDraft, batches: string, next: EmitNext): void {
  const [batch, index] = [draft.let("batch"), draft.let("i")];
  const otherwise = () => pairLoop(draft, batch, index, (key, value) => next(tupleRef(key, value)));
  const isAsGood = (reads: ColumnReads) => reads.isPlainPair;
  const head = `for ${draft.isAsync ? "await " : ""}(${batch} of ${batches})`;
  emitLoops(draft, { head, batch, index, otherwise, isAsGood }, (row) => {
    if (row.kind !== "columns") return next(row);
    row.reads.bePair([]);
    next(tupleRef({ ...row, path: [0] }, { ...row, path: [1] }));
  });
}

/** The same where keys and values are asked for as values. */
export function emitPairValues(
  draft: PipelineDraft,
  batches: string,
  next: (key: RowRef, value: RowRef) => void,
): void {
  const [batch, index] = [draft.fresh("batch"), draft.let("i")];
  draft.body.block(`for (const ${batch} of ${batches})`, () => pairLoop(draft, batch, index, next));
}

function pairLoop(
  draft: PipelineDraft,
  batch: string,
  index: string,
  next: (key: RowRef, value: RowRef) => void,
): void {
  const [keys, values, count] = [draft.fresh("keys"), draft.fresh("values"), draft.fresh("n")];
  draft.body.line(
    `const ${keys} = t.keysOf(${batch}), ${values} = t.valuesOf(${batch}), ${count} = ${batch}.rowCount;`,
  );
  draft.loop(`for (${index} = 0; ${index} < ${count}; ${index}++)`, () => {
    next(assigned(draft, `${keys}[${index}]`), assigned(draft, `${values}[${index}]`));
  });
}

function emitLoops(draft: PipelineDraft, loop: Loop, next: EmitNext): void {
  const w = draft.body;
  const deep = columnLoop(draft, loop, next);
  const flat =
    deep?.reads.isDeep === true && deep.lines.length <= DEEP_LINES_MAX
      ? columnLoop(draft, loop, next, "all")
      : undefined;
  const loops = [deep, flat].filter((each) => each !== undefined);
  w.block(loop.head, () => {
    if (deep === undefined) loop.otherwise();
    else if (deep.reads.isEmpty) writeColumnLoop(draft, loop.batch, deep);
    else {
      const cases = loops.map((each) => {
        const write = () => writeColumnLoop(draft, loop.batch, each);
        return [each.reads.condition(), write] as const;
      });
      w.branches(cases, loop.otherwise);
    }
  });
}

/** Undefined where the rows are asked for as values: then reading columns saves nothing. */
function columnLoop(
  draft: PipelineDraft,
  { batch, index, isAsGood }: Loop,
  next: EmitNext,
  all?: "all",
): ColumnLoop | undefined {
  let closed: Closed = all ?? new Set();
  for (;;) {
    const reads = new ColumnReads(batch, index, draft, closed);
    const count = draft.fresh("n");
    const lines = draft.attempt(() => {
      draft.loop(`for (${index} = 0; ${index} < ${count}; ${index}++)`, () => {
        const body = draft.body.capture(() => next({ kind: "columns", reads, path: [] }));
        for (const { reader, ref } of reads.vectors) draft.body.line(`${ref.text} = ${reader}(${index});`);
        draft.body.paste(body);
      });
      return reads.suffices && reads.conflicts.length === 0 && isAsGood?.(reads) !== true;
    });
    if (lines !== undefined) return { reads, count, lines };
    if (!reads.suffices || reads.conflicts.length === 0) return undefined;
    closed = new Set([...closed, ...reads.conflicts]);
  }
}

function writeColumnLoop(draft: PipelineDraft, batch: string, { reads, count, lines }: ColumnLoop): void {
  const w = draft.body;
  for (const { path, column, value } of reads.columns) {
    if (value === undefined) w.line(`const ${column} = ${batch}.column(${keyText(path)});`);
    else w.line(`const ${column} = t.matches(${batch}, ${keyText(path)}, ${JSON.stringify(value)});`);
  }
  for (const { path, reader, ref } of reads.vectors)
    w.line(`const ${reader} = t.vectors(${batch}, ${keyText(path)}, ${ref.scratch.name});`);
  w.line(`const ${count} = ${batch}.rowCount;`);
  w.paste(lines);
}

function keyText(path: readonly (number | string)[]): string {
  return path.length === 0 ? "undefined" : JSON.stringify(path.length === 1 ? path[0] : path);
}

function assigned(draft: PipelineDraft, expression: string): RowRef {
  const name = draft.local("v");
  draft.body.line(`${name} = ${expression};`);
  return valueRef(name);
}
