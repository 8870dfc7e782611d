/** Rule: files form no cycle of imports that exist at run time. `import type` is erased and `import()` is late: neither counts. */
import type { Finding, Rule } from './finding.ts';
import type { Import, SourceModule } from './module.ts';

export const cycles: Rule = (modules) => {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const findings: Finding[] = [];

  const enter = (module: SourceModule): void => {
    state.set(module.path, 'open');
    trail.push(module.path);
    for (const item of module.imports.filter(isEager)) {
      const target = byPath.get(item.target ?? '');
      if (target === undefined || state.get(target.path) === 'done') continue;
      if (state.get(target.path) === 'open') findings.push(cycleAt(module, item, trail));
      else enter(target);
    }
    trail.pop();
    state.set(module.path, 'done');
  };
  for (const module of modules) if (!state.has(module.path)) enter(module);
  return findings;
};

const isEager = (item: Import): boolean => !item.typeOnly && !item.lazy;

function cycleAt(module: SourceModule, item: Import, trail: readonly string[]): Finding {
  const target = item.target as string;
  const path = [...trail.slice(trail.indexOf(target)), target].join(' → ');
  const advice = `${path}: move what both need into a third file, or use import type where only types are needed`;
  return { path: module.path, line: item.line, rule: 'cycle', advice };
}
