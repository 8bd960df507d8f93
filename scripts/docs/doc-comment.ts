/** A documentation comment, taken apart. */
export interface DocComment {
  /** What comes before the first tag. */
  readonly text: string;
  readonly params: readonly string[];
  readonly examples: readonly string[];
  readonly throws: readonly string[];
  readonly see: readonly string[];
  readonly isInternal: boolean;
}

/** `value` is what stands between the slashes, as the parser gives it: `* text ...`. */
export function parseDocComment(value: string): DocComment {
  const lines = value
    .replace(/^\*/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  const blocks: { tag: string; lines: string[] }[] = [{ tag: "", lines: [] }];
  for (const line of lines) {
    const tag = /^\s*@([\w-]+)\s?(.*)$/.exec(line);
    if (tag === null) blocks.at(-1)?.lines.push(line);
    else blocks.push({ tag: tag[1] ?? "", lines: [tag[2] ?? ""] });
  }
  const of = (wanted: string) =>
    blocks.filter(({ tag }) => tag === wanted).map(({ lines: own }) => own.join("\n").trim());
  const joined = (wanted: string) => of(wanted).map((text) => text.replace(/\s*\n\s*/g, " "));
  return {
    text: of("")
      .join("\n")
      .replace(/[ \t]+/g, " ")
      .trim(),
    params: joined("param"),
    examples: of("example"),
    throws: joined("throws"),
    see: joined("see"),
    isInternal: blocks.some(({ tag }) => tag === "internal"),
  };
}

/** The text as one paragraph a blank line apart. */
export function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, " "))
    .join("\n\n");
}
