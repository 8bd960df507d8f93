/**
 * In place of a dependency's part that Volley never uses, and that is felt at start-up (scripts/bundle-trims.mjs says which). Using it is a defect, and says so.
 */
function leftOut() {
  throw new Error("this part of a dependency is left out of the bundles: see scripts/bundle-trims.mjs");
}

module.exports = new Proxy(leftOut, {
  get(target, name) {
    // Symbols and what the bundler itself asks for.
    if (typeof name === "symbol" || name === "__esModule" || name === "prototype") return target[name];
    return leftOut();
  },
});
