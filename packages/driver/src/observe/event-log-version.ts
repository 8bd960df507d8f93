/** Of the events' meaning: `events.ts` says when to raise it. */
export const EVENT_LOG_VERSION = 1;
