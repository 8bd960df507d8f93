/** Entry of a slot's thread. Imports neither HTTP nor zod: a slot must be there at once. */

import { createStageRunner, ProgramCache } from "@volley/engine/task/create-stage-runner.js";
import { startSlot } from "./slot.js";

const programs = new ProgramCache();
startSlot((spec, envelope, host) => createStageRunner(spec, envelope, host, programs));
