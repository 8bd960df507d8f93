/** In place of zod's list of fifty languages: its messages are for the log and for programmers, in English. */
import en from "zod/v4/locales/en.js";

export { en };
