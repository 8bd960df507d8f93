/**
 * An esbuild plugin that leaves out of the bundles what Volley never uses of its dependencies and what is felt at start-up. Each trim names what it replaces, and the
 * build stops when one does not match any more, so that an update of a dependency cannot undo it unseen. What they save stands in docs/decisions/0001-start-up.md.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LOADER = join(dirname(fileURLToPath(import.meta.url)), "loader");

/** `from`: which files' imports are looked at; `import`: the specifier; `instead`: a file in scripts/loader/. */
const TRIMS = [
  { from: /packages\/[^/]+\/src\//, import: /^undici$/, instead: "undici-pool.mjs" },
  // Volley speaks HTTP/1.1 only.
  { from: /undici\/lib\/dispatcher\/client\.js$/, import: /^\.\/client-h2\.js$/, instead: "left-out.cjs" },
  { from: /fastify\/lib\/server\.js$/, import: /^node:http2$/, instead: "left-out.cjs" },
  // No JSON schemas, no plugins, no logger, no requests without a socket.
  { from: /fastify\/lib\/schema-controller\.js$/, import: /^@fastify\/ajv-compiler$/, instead: "no-schemas.cjs" },
  {
    from: /fastify\/lib\/schema-controller\.js$/,
    import: /^@fastify\/fast-json-stringify-compiler$/,
    instead: "no-schemas.cjs",
  },
  { from: /fastify\/lib\/plugin-utils\.js$/, import: /^semver$/, instead: "left-out.cjs" },
  { from: /fastify\/lib\/logger-pino\.js$/, import: /^pino$/, instead: "left-out.cjs" },
  { from: /fastify\/fastify\.js$/, import: /^light-my-request$/, instead: "left-out.cjs" },
  // Its messages are for logs and programmers, in English.
  {
    from: /zod\/v4\/(classic\/external|core\/index)\.js$/,
    import: /^\.\.\/locales\/index\.js$/,
    instead: "zod-english.mjs",
  },
];

/** A plugin for one build; `assertUsed(inputs)` afterwards throws when a trim's importer was bundled and the trim was not taken. */
export function trims() {
  const used = new Set();
  const plugin = {
    name: "trims",
    setup(build) {
      for (const trim of TRIMS) {
        build.onResolve({ filter: trim.import }, ({ importer, kind }) => {
          if (!trim.from.test(importer.replaceAll("\\", "/")) || kind === "entry-point") return undefined;
          used.add(trim);
          return { path: join(LOADER, trim.instead) };
        });
      }
    },
  };
  const assertUsed = (inputs) => {
    for (const trim of TRIMS) {
      const needed = trim.instead !== "undici-pool.mjs" && inputs.some((path) => trim.from.test(path));
      if (needed && !used.has(trim)) throw new Error(`bundle: ${trim.from} does not import ${trim.import} any more`);
    }
  };
  return { plugin, assertUsed };
}
