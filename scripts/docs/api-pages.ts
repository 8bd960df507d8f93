/**
 * The API reference, made from the sources' own comments: `docs/api/`, a page a group. What is public is what `packages/volley/src/index.ts` exports;
 * the methods of RDDs and of the context stand in the files of their groups.
 */

import { dirname, join, relative } from "node:path";
import { readSource } from "../tidy/source-file.ts";
import { type Declaration, declarationsOf, type Member } from "./declarations.ts";
import { paragraphs } from "./doc-comment.ts";

const RDD_FOLDER = "packages/engine/src/rdd";
const DRIVER_FOLDER = "packages/driver/src";

interface Group {
  readonly title: string;
  /** Files whose classes' methods the page lists, in order, and what they are called there. */
  readonly sections: readonly (readonly [title: string, path: string, only?: readonly string[]])[];
}

/** Page name -> what it lists. */
const METHOD_PAGES: Readonly<Record<string, Group>> = {
  context: {
    title: "VolleyContext",
    sections: [
      ["Beginning", "packages/volley/src/volley-context.ts"],
      ["Sources", `${DRIVER_FOLDER}/context-sources.ts`],
      ["Shared variables, jobs, watching, the end", `${DRIVER_FOLDER}/context-control.ts`],
      // The rest of that class is what RDD handles ask of their context.
      [
        "What it knows",
        `${DRIVER_FOLDER}/context.ts`,
        ["appName", "master", "defaultParallelism", "getPersistentRDDs"],
      ],
    ],
  },
  "rdd-transformations": {
    title: "RDD: transformations",
    sections: [
      ["Rows and partitions", `${RDD_FOLDER}/transformations.ts`],
      ["Rows as sets and bags", `${RDD_FOLDER}/set-operations.ts`],
      ["Side by side", `${RDD_FOLDER}/zipping.ts`],
      ["Samples", `${RDD_FOLDER}/sampling.ts`],
      ["Asynchronous functions", `${RDD_FOLDER}/async.ts`],
      ["Barrier stages", `${RDD_FOLDER}/rdd-barrier.ts`],
    ],
  },
  "rdd-pairs": {
    title: "RDD of [key, value] pairs",
    sections: [
      ["Pairs one by one, and brought to the driver", `${RDD_FOLDER}/key-value.ts`],
      ["The values of one key together", `${RDD_FOLDER}/combining.ts`],
      ["Several RDDs", `${RDD_FOLDER}/joining.ts`],
      ["In the order of keys", `${RDD_FOLDER}/ordered.ts`],
      ["Samples", `${RDD_FOLDER}/key-sampling.ts`],
    ],
  },
  "rdd-actions": {
    title: "RDD: actions",
    sections: [
      ["Rows", `${RDD_FOLDER}/reading.ts`],
      ["One value of all rows", `${RDD_FOLDER}/aggregating.ts`],
      ["In a tree", `${RDD_FOLDER}/tree.ts`],
      ["Sorting; the largest and smallest", `${RDD_FOLDER}/ordering.ts`],
      ["Numbers", `${RDD_FOLDER}/numeric.ts`],
      ["Estimates", `${RDD_FOLDER}/approximate.ts`],
      ["Files", `${RDD_FOLDER}/saving.ts`],
    ],
  },
  "rdd-itself": {
    title: "RDD: keeping it, asking it",
    sections: [
      ["Cache and checkpoints", `${RDD_FOLDER}/persistence.ts`],
      ["Questions", `${RDD_FOLDER}/questions.ts`],
      ["Its context", `${RDD_FOLDER}/rdd-base.ts`],
    ],
  },
};

/** Exports that pages of methods show member by member. */
const SHOWN_BY_METHODS = new Set(["RDD", "VolleyContext", "RDDBarrier"]);
/** Types of their own that the context's methods give or take. */
const GIVEN: readonly (readonly [name: string, path: string])[] = [
  ["StatusTracker", `${DRIVER_FOLDER}/observe/status-tracker.ts`],
  ["VolleyListener", `${DRIVER_FOLDER}/observe/listener-bus.ts`],
  ["RunSummary", `${DRIVER_FOLDER}/observe/run-summary.ts`],
];

export interface PublicMember {
  readonly owner: string;
  readonly page: string;
  readonly section: string;
  readonly path: string;
  readonly member: Member;
}

/** All public methods of RDDs and of the context. */
export function publicMembers(root: string): PublicMember[] {
  return Object.entries(METHOD_PAGES).flatMap(([page, { sections }]) =>
    sections.flatMap(([section, path, only]) =>
      declarationsOf(readSource(root, path))
        .filter(({ kind, members }) => kind === "class" && members.length > 0)
        .flatMap(({ members }) =>
          members
            .filter((member) => isShown(member) && only?.includes(member.name) !== false)
            .map((member) => ({
              owner: page === "context" ? "VolleyContext" : path.endsWith("barrier.ts") ? "RDDBarrier" : "RDD",
              page,
              section,
              path,
              member,
            })),
        ),
    ),
  );
}

function isShown({ kind, name }: Member): boolean {
  return kind !== "constructor" && name !== "[INSPECT]";
}

/** The other exports, with their declarations. */
export function publicDeclarations(root: string): Declaration[] {
  const index = "packages/volley/src/index.ts";
  const found: Declaration[] = [];
  for (const [, names, from] of readSource(root, index).text.matchAll(
    /export (?:type )?\{([^}]*)\} from "([^"]+)";/g,
  )) {
    const path = sourceOf(from ?? "", index);
    const declared = declarationsOf(readSource(root, path));
    for (const name of (names ?? "")
      .split(",")
      .map((text) => text.trim().replace(/^type /, ""))
      .filter((text) => text !== "")) {
      const own = declared.filter((declaration) => declaration.name === name);
      // A class or interface says more than a constant of the same name.
      const best = own.find(({ members }) => members.length > 0) ?? own[0];
      if (best === undefined) throw new Error(`${path} declares no ${name}`);
      found.push({ ...best, doc: own.find(({ doc }) => doc !== undefined)?.doc });
    }
  }
  for (const [name, path] of GIVEN) {
    const own = declarationsOf(readSource(root, path)).find((declaration) => declaration.name === name);
    if (own === undefined) throw new Error(`${path} declares no ${name}`);
    found.push(own);
  }
  return found.filter(({ name }) => !SHOWN_BY_METHODS.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sourceOf(specifier: string, from: string): string {
  const own = /^@volley\/(\w+)\/(.+)\.js$/.exec(specifier);
  return own === null ? join(dirname(from), specifier.replace(/\.js$/, ".ts")) : `packages/${own[1]}/src/${own[2]}.ts`;
}

/** Path of each page -> its text. */
export function apiPages(root: string): Map<string, string> {
  const members = publicMembers(root);
  const pages = new Map<string, string>();
  for (const [page, group] of Object.entries(METHOD_PAGES)) {
    pages.set(
      `docs/api/${page}.md`,
      methodPage(
        group,
        members.filter((member) => member.page === page),
      ),
    );
  }
  const others = publicDeclarations(root);
  pages.set("docs/api/types.md", typesPage(others));
  pages.set("docs/api/README.md", indexPage(members, others));
  return pages;
}

const GENERATED = "<!-- Generated by `npm run docs` from the comments in the sources. -->";

function methodPage({ title, sections }: Group, members: readonly PublicMember[]): string {
  const parts = sections.map(([section, path]) => {
    const own = members.filter((member) => member.path === path);
    const source = `[${path}](${relative("docs/api", path)})`;
    return [`## ${section}`, `In ${source}.`, ...own.map(({ member }) => memberText(member, "###"))].join("\n\n");
  });
  return `${[`# ${title}`, GENERATED, NOTE, ...parts].join("\n\n")}\n`;
}

const NOTE =
  "`T` is the type of the rows; on an RDD of pairs `K` and `V` are those of keys and values. Errors are codes of [ERRORS.md](../ERRORS.md).";

function memberText(member: Member, level: string): string {
  const { doc } = member;
  const lines = [`${level} ${anchorName(member)}`, fence(member.signatures.map(readable).filter(unique).join("\n"))];
  if (doc !== undefined) lines.push(...docLines(doc));
  return lines.join("\n\n");
}

function docLines(doc: NonNullable<Member["doc"]>): string[] {
  const lines = doc.text === "" ? [] : [paragraphs(doc.text)];
  if (doc.params.length > 0)
    lines.push(doc.params.map((param) => `- ${param.replace(/^(\w+) /, "`$1`: ")}`).join("\n"));
  for (const example of doc.examples) lines.push(fence(example));
  if (doc.throws.length > 0) lines.push(`Errors: ${doc.throws.join("; ")}`);
  if (doc.see.length > 0) lines.push(`See ${doc.see.join("; ")}`);
  return lines;
}

function anchorName({ name, kind }: Member): string {
  return kind === "method" ? `${name}()` : kind === "constructor" ? "new" : name;
}

function fence(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function unique(text: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(text) === index;
}

/** A signature without what only serves the compiler: the conditions on `this`, and the loosened types of merged values. */
function readable(signature: string): string {
  let text = signature.replace(/\(this: (?:\w+<T>|RddBase)(?:, )?/, "(");
  for (let before = ""; before !== text; ) {
    before = text;
    text = text
      .replaceAll("KeyOf<T>", "K")
      .replaceAll("ValueOf<T>", "V")
      .replace(/Loose<(\w+)>/g, "$1")
      .replace(/LooseZero<(\w+), \w+>/g, "$1")
      .replace(/Other<T, (\w+)>/g, "RDD<[K, $1]>");
  }
  return text
    .replace(/(<|, )(\w+) extends Row\b/g, "$1$2")
    .replace(/ = (?:this|baseOf\(this\))\.[\w.]+(?:\(\))?/g, " = ...");
}

function typesPage(declarations: readonly Declaration[]): string {
  const parts = declarations.map(({ name, kind, signature, doc, members, path }) => {
    const shown = members.filter(({ kind: what }) => what !== "constructor");
    const made = members.find(({ kind: what, doc: own }) => what === "constructor" && own?.isInternal !== true);
    const lines = [`## ${name}`];
    if (kind === "type" || kind === "constant" || kind === "function") lines.push(fence(readable(signature)));
    if (doc !== undefined) lines.push(...docLines(doc));
    lines.push(`${kind.charAt(0).toUpperCase()}${kind.slice(1)}, in [${path}](${relative("docs/api", path)}).`);
    if (made !== undefined && kind === "class")
      lines.push(fence(`new ${name}${readable(made.signatures[0] ?? "").replace(/^constructor/, "")}`));
    if (shown.length > 0) lines.push(memberTable(shown));
    return lines.join("\n\n");
  });
  return `${["# The other exports", GENERATED, ...parts].join("\n\n")}\n`;
}

function memberTable(members: readonly Member[]): string {
  const rows = members.map(({ signatures, doc }) => {
    const text = doc === undefined ? "" : paragraphs(doc.text).replaceAll("\n", " ");
    return `| \`${signatures.map(readable).filter(unique).join("; ").replaceAll("|", "\\|")}\` | ${text.replaceAll("|", "\\|")} |`;
  });
  return ["| member | meaning |", "|---|---|", ...rows].join("\n");
}

function indexPage(members: readonly PublicMember[], others: readonly Declaration[]): string {
  const parts = Object.entries(METHOD_PAGES).map(([page, { title }]) => {
    const names = members
      .filter((member) => member.page === page)
      .map(({ member }) => {
        const label = anchorName(member);
        return `[${label.replace(/^\[(.*)\](.*)$/, "$1$2")}](${page}.md#${slug(label)})`;
      });
    return `## [${title}](${page}.md)\n\n${names.join(" · ")}`;
  });
  const types = others.map(({ name }) => `[${name}](types.md#${name.toLowerCase()})`);
  return `# API reference

${GENERATED}

Names, order and semantics are those of Apache Spark's RDD API; [where JavaScript differs](../ARCHITECTURE.md#where-javascript-differs).

${parts.join("\n\n")}

## [The other exports](types.md)

${types.join(" · ")}
`;
}

/** As Git hosts make anchors of headings. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}
