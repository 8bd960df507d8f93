import { posix } from "node:path";
import type { Finding } from "./finding.ts";
import { isSyntax, type SourceFile, type Syntax, walk } from "./source-file.ts";

/** One place where a file names another module. */
export interface ImportSite {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly offset: number;
}

/** What each part of the workspace may import of the others. `engine <- driver`, `engine <- executor`, both `<- volley <-` the rest. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "packages/engine": [],
  "packages/driver": ["@volley/engine"],
  "packages/executor": ["@volley/engine"],
  "packages/volley": ["@volley/engine", "@volley/driver", "@volley/executor"],
  examples: ["volley"],
  test: ["@volley/engine", "@volley/driver", "@volley/executor", "volley"],
  bench: ["@volley/engine", "@volley/driver", "@volley/executor", "volley"],
  scripts: ["@volley/engine", "@volley/driver"],
};

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The modules that a file names: import and export declarations, `import()` with a constant, and types by `import("x")`. */
export function importSites(file: SourceFile): ImportSite[] {
  const sites: ImportSite[] = [];
  walk(file.program, (node) => {
    const source = node["source"];
    if (!/^(Import|ExportNamed|ExportAll|TSImportType)/.test(node.type) || !isSyntax(source)) return;
    const specifier = source["value"];
    if (typeof specifier !== "string") return;
    const typeOnly = node["importKind"] === "type" || node["exportKind"] === "type" || node.type === "TSImportType";
    sites.push({ specifier, typeOnly, offset: node.start });
  });
  return sites;
}

/** `@volley/engine/lib/assert.js` -> `@volley/engine`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

function areaOf(path: string): string | undefined {
  return Object.keys(MAY_IMPORT).find((area) => path.startsWith(`${area}/`));
}

/** Import direction between packages, dependencies declared where they are used, and no path out of a package. */
export function checkImports(file: SourceFile, manifests: ReadonlyMap<string, Manifest>): Finding[] {
  const area = areaOf(file.path);
  if (area === undefined) return [];
  const findings: Finding[] = [];
  for (const site of importSites(file)) {
    const message = objection(file, area, site.specifier, manifests);
    if (message !== undefined)
      findings.push({ rule: "imports", file: file.path, line: file.lineOf(site.offset), message });
  }
  return findings;
}

function objection(
  file: SourceFile,
  area: string,
  specifier: string,
  manifests: ReadonlyMap<string, Manifest>,
): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(file.path), specifier);
    if (area.startsWith("packages/") && !file.isTest && !target.startsWith(`${area}/`))
      return `${specifier} leaves the package`;
    return undefined;
  }
  const name = packageOf(specifier);
  if (name === "volley" || name.startsWith("@volley/")) {
    return MAY_IMPORT[area]?.includes(name) ? undefined : `${area} may not import ${name}`;
  }
  const declared: Record<string, string> = { ...manifests.get(area)?.dependencies };
  // Only what is shipped must carry its dependencies; the rest of the workspace uses whatever the workspace has.
  if (file.isTest || !area.startsWith("packages/")) {
    for (const manifest of manifests.values()) Object.assign(declared, manifest.dependencies, manifest.devDependencies);
  }
  return name in declared ? undefined : `${name} is no dependency of ${area}`;
}

/** Cycles of imports that exist at run time (types vanish): each is reported once, at its first file. */
export function checkCycles(files: readonly SourceFile[]): Finding[] {
  const graph = new Map(files.map((file) => [file.path, runtimeTargets(file)]));
  const state = new Map<string, "open" | "closed">();
  const findings: Finding[] = [];
  for (const start of graph.keys()) visitFrom(start, graph, state, findings);
  return findings;
}

function visitFrom(
  start: string,
  graph: ReadonlyMap<string, readonly string[]>,
  state: Map<string, "open" | "closed">,
  findings: Finding[],
): void {
  if (state.has(start)) return;
  const trail: { path: string; next: number }[] = [{ path: start, next: 0 }];
  state.set(start, "open");
  for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
    const target = graph.get(top.path)?.[top.next++];
    if (target === undefined) {
      state.set(top.path, "closed");
      trail.pop();
    } else if (state.get(target) === "open") {
      const cycle = [...trail.slice(trail.findIndex((step) => step.path === target)).map((step) => step.path), target];
      findings.push({ rule: "cycle", file: target, message: cycle.map((path) => posix.basename(path)).join(" -> ") });
    } else if (!state.has(target) && graph.has(target)) {
      state.set(target, "open");
      trail.push({ path: target, next: 0 });
    }
  }
}

function runtimeTargets(file: SourceFile): string[] {
  return importSites(file)
    .filter((site) => !site.typeOnly && !isDynamic(file.program, site))
    .map((site) => resolveInside(file.path, site.specifier))
    .filter((path) => path !== undefined);
}

/** A lazy `import()` inside a function closes no cycle at load time. */
function isDynamic(program: Syntax, site: ImportSite): boolean {
  const body = program["body"] as readonly Syntax[];
  return !body.some((statement) => statement.start === site.offset);
}

function resolveInside(from: string, specifier: string): string | undefined {
  const inside = /^@volley\/(\w+)\/(.*)\.js$/.exec(specifier);
  if (inside !== null) return `packages/${inside[1]}/src/${inside[2]}.ts`;
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}
