/** Errors for callers. A bug in Orrery itself is an AssertionError (assert.ts). */

const shown = (value: unknown): string => {
  let text: string | undefined;
  try {
    // JSON has no name for some numbers.
    text = typeof value === 'bigint' ? `${value}n` : typeof value === 'number' ? String(value) : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
};

/** Bad input: names the field, the value and what was expected. The command line turns it into exit code 2. */
export class ConfigError extends Error {
  readonly field: string;
  readonly expected: string;

  constructor(field: string, value: unknown, expected: string) {
    super(`${field}: got ${shown(value)}, expected ${expected}`);
    this.name = 'ConfigError';
    this.field = field;
    this.expected = expected;
  }
}

/** The simulated program did something that cannot go on: a limit was passed, a handler threw, a message has no handler. */
export class SimulationError extends Error {
  /** Which rule was broken: `max-events`, `livelock`, `handler`, ... */
  readonly rule: string;

  constructor(rule: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SimulationError';
    this.rule = rule;
  }
}
