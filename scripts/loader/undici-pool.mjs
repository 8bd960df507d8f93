/**
 * What Volley uses of undici, in undici's place in the bundles: its pool of connections, and the request methods. The whole of it (fetch, cookies, mocks,
 * caches) takes three times as long to load, and makes Node load its own copy of undici as well. A name that is missing here stops the build.
 */
import api from "undici/lib/api/index.js";
import errors from "undici/lib/core/errors.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import Pool from "undici/lib/dispatcher/pool.js";

// As undici's index.js does it.
Object.assign(Dispatcher.prototype, api);

export { Dispatcher, errors, Pool };
