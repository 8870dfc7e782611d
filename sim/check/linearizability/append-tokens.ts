/** What is appended, as small integers, so that a value read is a path of tokens. */
import { valueKey } from './span.ts';

/** Splits values into tokens; undefined for what is no sequence of known tokens. */
export interface Tokens {
  /** The token of one append's input. */
  ofInput(input: unknown): number;
  /** The tokens of a whole value: of a read, of a put, or the initial one. */
  ofValue(value: unknown): readonly number[] | undefined;
}

/** Lists: each element is a token. `appended`: inputs of appends. */
export function listTokens(appended: readonly unknown[], whole: readonly unknown[]): Tokens {
  const numbers = new Map<unknown, number>();
  const add = (value: unknown): void => void numbers.set(valueKey(value), numbers.get(valueKey(value)) ?? numbers.size);
  appended.forEach(add);
  for (const value of whole) if (Array.isArray(value)) value.forEach(add);
  return {
    ofInput: (input) => numbers.get(valueKey(input)) as number,
    ofValue(value) {
      if (!Array.isArray(value)) return undefined;
      const path: number[] = [];
      for (const element of value) {
        const token = numbers.get(valueKey(element));
        if (token === undefined) return undefined;
        path.push(token);
      }
      return path;
    },
  };
}

/**
 * Texts: each appended text, and each whole one that was put, is a token. Undefined when one token begins with another
 * (or is empty): then it is not known where one ends.
 */
export function textTokens(appended: readonly unknown[], whole: readonly unknown[]): Tokens | undefined {
  const tokens = [...new Set([...appended, ...whole.filter((text) => text !== '')].map(String))].sort();
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === '' || (i > 0 && (tokens[i] as string).startsWith(tokens[i - 1] as string))) return undefined;
  }
  const numbers = new Map(tokens.map((token, i) => [token, i]));
  const lengths = [...new Set(tokens.map((token) => token.length))].sort((a, b) => a - b);
  // Reads mostly begin like the longest one so far: what that was made of need not be found out again.
  let known = '';
  let path: number[] = [];
  let ends: number[] = [];
  return {
    ofInput: (input) => numbers.get(String(input)) as number,
    ofValue(value) {
      if (typeof value !== 'string') return undefined;
      if (known.startsWith(value)) {
        const count = value === '' ? 0 : ends.indexOf(value.length) + 1;
        return count === 0 && value !== '' ? undefined : path.slice(0, count);
      }
      const [own, stops] = value.startsWith(known) ? [[...path], [...ends]] : [[], []];
      // Neighbours mostly are as long as each other, and at most one length fits: which is tried first is a matter of speed.
      let usual = lengths.at(-1) ?? 0;
      for (let at = stops.at(-1) ?? 0; at < value.length;) {
        let text = value.slice(at, at + usual);
        if (!numbers.has(text)) {
          const length = lengths.find((one) => numbers.has(value.slice(at, at + one)));
          if (length === undefined) return undefined;
          usual = length;
          text = value.slice(at, at + usual);
        }
        // At the end of the value it can be shorter than `usual`.
        at += text.length;
        own.push(numbers.get(text) as number);
        stops.push(at);
      }
      [known, path, ends] = [value, own, stops];
      return own;
    },
  };
}

/** Every value that was read, as a tree of tokens: a node is a value that the object certainly had, or came through. */
export class TokenTree {
  /** Per node: its first child, -1 for none; most have no other. */
  private readonly firstChild: number[] = [-1];
  /** By node: further children, by token. */
  private readonly others = new Map<number, Map<number, number>>();
  private readonly parents: number[] = [-1];
  private readonly tokens: number[] = [-1];
  private readonly depths: number[] = [0];

  get size(): number {
    return this.parents.length;
  }

  /** The node of a path, made if it is not there. */
  grow(path: readonly number[]): number {
    let node = 0;
    for (const token of path) {
      node = this.child(node, token) ?? this.add(node, token);
    }
    return node;
  }

  private add(parent: number, token: number): number {
    const node = this.parents.push(parent) - 1;
    this.tokens.push(token);
    this.depths.push((this.depths[parent] as number) + 1);
    this.firstChild.push(-1);
    if (this.firstChild[parent] === -1) this.firstChild[parent] = node;
    else {
      const others = this.others.get(parent);
      if (others === undefined) this.others.set(parent, new Map([[token, node]]));
      else others.set(token, node);
    }
    return node;
  }

  /** Undefined when nobody read a value that begins so. */
  child(node: number, token: number): number | undefined {
    const first = this.firstChild[node] as number;
    if (first === -1) return undefined;
    return this.tokens[first] === token ? first : this.others.get(node)?.get(token);
  }

  find(path: readonly number[]): number | undefined {
    let node: number | undefined = 0;
    for (const token of path) {
      if (node === undefined) return undefined;
      node = this.child(node, token);
    }
    return node;
  }

  /** Whether the value of `node` begins with that of `top`. */
  isBelow(node: number, top: number): boolean {
    let up = node;
    while (this.depth(up) > this.depth(top)) up = this.parents[up] as number;
    return up === top;
  }

  token(node: number): number {
    return this.tokens[node] as number;
  }

  depth(node: number): number {
    return this.depths[node] as number;
  }

  /** Whether every value is the beginning of every longer one. */
  isPath(): boolean {
    return this.others.size === 0;
  }
}
