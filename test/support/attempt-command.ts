import { main } from '../../cli/main.ts';

/** The command line in this process, which is 100 times faster than a new one. */
export async function attempt(args: string[]): Promise<{ code: number; out: string[]; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    colour: false,
  });
  return { code, out, err: err.join('\n') };
}
