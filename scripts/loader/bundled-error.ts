/** What is told where Volley's files do not lie beside its entry: a bundler has taken the entry along. */
export function bundledError(cause: unknown): Error {
  return new Error(
    'the files of "volley" are not where it was loaded from. It starts executors from them, so it cannot be part of a bundle: mark "volley" as external (esbuild: --external:volley; webpack: externals; vite: ssr.external)',
    { cause },
  );
}
