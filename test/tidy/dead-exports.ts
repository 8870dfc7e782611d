/**
 * Rule: what is exported is imported by somebody, or offered at a door.
 *
 * A room is judged once its door exists, because before that nobody can tell what is public. Tests count as users, but not
 * of models and scenarios: one that only its tests import is in no catalogue. A type that an exported signature of its own file mentions is alive.
 */
import type { Finding, Rule } from './finding.ts';
import type { Export, SourceModule } from './module.ts';
import { DOORS, ENTRIES, isProduct } from './rooms.ts';

export const deadExports: Rule = (modules) => {
  const used = usedNames(modules);
  const paths = new Set(modules.map((module) => module.path));
  const isJudged = (module: SourceModule): boolean => {
    if (!isProduct(module.path) || DOORS.includes(module.path) || ENTRIES.includes(module.path)) return false;
    const door = DOORS.find((path) => path.split('/')[0] === module.path.split('/')[0]);
    return door === undefined || paths.has(door);
  };
  return modules.filter(isJudged).flatMap((module) =>
    module.exports
      .filter(({ name }) => !used.has(`${module.path}#${name}`) && !used.has(`${module.path}#*`))
      .filter((item) => !isMentioned(module, item))
      .map((item) => deadAt(module, item)),
  );
};

function usedNames(modules: readonly SourceModule[]): ReadonlySet<string> {
  const used = new Set<string>();
  for (const module of modules) {
    for (const { target, names } of module.imports) {
      const counts = isProduct(module.path) || !/^(models|scenarios)\//.test(target ?? '');
      if (target !== undefined && counts) for (const name of names) used.add(`${target}#${name}`);
    }
  }
  return used;
}

function isMentioned({ text }: SourceModule, { name, typeOnly }: Export): boolean {
  return typeOnly && (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
}

function deadAt(module: SourceModule, { name, line }: Export): Finding {
  const advice = `nobody imports ${name}: drop the export (or the code), or offer it at the door of its room`;
  return { path: module.path, line, rule: 'dead export', advice };
}
