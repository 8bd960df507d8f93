/**
 * In place of fastify's compilers of JSON schemas (ajv, fast-json-stringify): no route has one, messages are checked by zod. fastify makes a compiler for each server
 * and calls it when it meets a schema.
 */
module.exports = function makeCompiler() {
  return function compile() {
    throw new Error("JSON schemas are left out of the bundles: see scripts/bundle-trims.mjs");
  };
};
