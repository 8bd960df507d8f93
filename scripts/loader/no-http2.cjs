/**
 * In place of undici's HTTP/2 client, and of Node's http2 in fastify: Volley speaks HTTP/1.1 only, and loading HTTP/2 costs 8 ms a process. Reaching one of
 * these is a defect, and says so.
 */
module.exports = new Proxy(
  () => {
    throw new Error("HTTP/2 is left out of the bundles (scripts/bundle-trims.mjs)");
  },
  {
    get(target, name) {
      return name in target || typeof name === "symbol" ? target[name] : target();
    },
  },
);
