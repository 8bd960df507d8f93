import { defineConfig } from "vitest/config";

/** Imports between packages resolve to their sources: a test never runs against a stale build (the spawned entries are bundled first). */
const conditions = ["volley-source"];

export default defineConfig({
  resolve: { conditions: [...conditions, "module", "node", "development|production"] },
  ssr: { resolve: { conditions: [...conditions, "module", "node", "development|production"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["scripts/bundle-for-tests.mjs", "scripts/tests-leave-nothing.mjs"],
    pool: "forks",
    // Two cores, and a test may start executor processes of its own.
    maxWorkers: 2,
    expect: { requireAssertions: true },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    // A test that is red only sometimes is a defect to find, not to repeat.
    retry: 0,
  },
});
