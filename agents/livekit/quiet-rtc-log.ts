/**
 * Imported before rtc-node, whose own log reads NODE_ENV once and otherwise tells every packet that it receives.
 * The one assignment to the environment in this process, since rtc-node offers nothing else.
 */
process.env.NODE_ENV ??= 'production';
