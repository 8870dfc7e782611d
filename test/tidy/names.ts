/** Rule: a file's name says what is in it, in kebab-case, without the words that say nothing. */
import type { Rule } from './finding.ts';

const EMPTY_WORDS = /^(manager|helper|util|common|misc|impl|fake|mock)s?$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|validate|timed|browser|d))?\.ts$/;

export const names: Rule = (modules) =>
  modules.flatMap(({ path }) => {
    const word = path.split(/[/.-]/).find((part) => EMPTY_WORDS.test(part.toLowerCase()));
    if (word !== undefined) {
      return [{ path, line: 1, rule: 'name', advice: `"${word}" says nothing: name the file after the concept in it` }];
    }
    if (KEBAB.test(path.split('/').at(-1) ?? '')) return [];
    return [
      { path, line: 1, rule: 'name', advice: 'file names are kebab-case: token-bucket.ts, token-bucket.test.ts' },
    ];
  });
