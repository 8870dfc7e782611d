/** The exit code is the class of what happened. */
export const ExitCode = {
  asExpected: 0,
  violated: 1,
  /** Wrong usage, configuration, scenario, fault or repro file. */
  usage: 2,
  undecided: 3,
  nothingMatched: 4,
  diverged: 5,
  internal: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Stops a command with an exit code and one line for people. */
export class Exit extends Error {
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.name = 'Exit';
    this.code = code;
  }
}
