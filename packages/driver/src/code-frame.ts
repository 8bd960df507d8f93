import { readFileSync } from "node:fs";

/** Lines of a file longer than this are cut: minified code would fill the terminal. */
const LINE_WIDTH_MAX = 120;
/** A larger file is no source that somebody wants to see a line of. */
const FILE_BYTES_MAX = 16 << 20;

/**
 * Three lines of a file around a place, the middle one marked, as lines of text; none when the file cannot be read (it lies elsewhere, or the
 * place names compiled text).
 */
export function codeFrame(file: string, line: number, column: number): readonly string[] {
  const lines = linesOf(file);
  const middle = lines?.[line - 1];
  if (lines === undefined || middle === undefined || middle.length > 10 * LINE_WIDTH_MAX) return [];
  const from = Math.max(1, line - 1);
  const width = String(line + 1).length;
  const frame: string[] = [];
  for (let number = from; number <= Math.min(line + 1, lines.length); number++) {
    const text = (lines[number - 1] as string).replaceAll("\t", "  ").slice(0, LINE_WIDTH_MAX).trimEnd();
    frame.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${text}`.trimEnd());
  }
  if (column > 0 && column <= LINE_WIDTH_MAX) {
    const indent = middle.slice(0, column - 1).replaceAll("\t", "  ").length;
    frame.splice(line - from + 1, 0, `${" ".repeat(width + 2)} | ${" ".repeat(indent)}^`);
  }
  return frame;
}

function linesOf(file: string): readonly string[] | undefined {
  if (file === "" || !file.startsWith("/")) return undefined;
  try {
    const text = readFileSync(file, "utf8");
    return text.length > FILE_BYTES_MAX ? undefined : text.split("\n").map((line) => line.replace(/\r$/, ""));
  } catch {
    // Not there any more, or not for us to read: the report goes without a frame.
    return undefined;
  }
}
