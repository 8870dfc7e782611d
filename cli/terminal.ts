/** Where the command line writes: data to stdout, progress to stderr. */
export interface Terminal {
  /** A line of data. */
  out(text: string): void;
  /** A line of progress or of trouble. */
  err(text: string): void;
  /** Whether stdout takes colour. */
  readonly colour: boolean;
}

export const processTerminal = (colour: boolean): Terminal => ({
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  colour,
});
