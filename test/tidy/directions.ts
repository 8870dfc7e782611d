/** Rule: imports point down the list of rooms, through the doors, and outside packages stay where they belong. */
import type { Finding, Rule } from './finding.ts';
import type { Import, SourceModule } from './module.ts';
import { liesIn, isProduct, MAY_IMPORT, MAY_IMPORT_TYPES, NODE_ROOMS, PACKAGES, roomOf, SIM_LAYERS } from './rooms.ts';

export const directions: Rule = (modules) =>
  modules
    .filter((module) => isProduct(module.path))
    .flatMap((module) => [...placeOf(module), ...module.imports.flatMap((item) => check(module, item))]);

function placeOf(module: SourceModule): Finding[] {
  if (roomOf(module.path) !== 'sim' || layerOf(module.path) >= 0) return [];
  const advice = `is in no known room of sim/: move it into one, or add its layer to SIM_LAYERS in test/tidy/rooms.ts`;
  return [{ path: module.path, line: 1, rule: 'direction', advice }];
}

function check(module: SourceModule, item: Import): Finding[] {
  const advice =
    item.target === undefined ? packageAdvice(module.path, item) : targetAdvice(module.path, item.target, item);
  return advice === undefined ? [] : [{ path: module.path, line: item.line, rule: 'direction', advice }];
}

/** The layer's number, −1 for an unknown room. */
const layerOf = (path: string): number => SIM_LAYERS.findIndex((layer) => layer.includes(path.split('/')[1] ?? ''));

function targetAdvice(from: string, target: string, item: Import): string | undefined {
  const [fromRoom, targetRoom] = [roomOf(from), roomOf(target)];
  if (fromRoom === 'sim' && targetRoom === 'sim') return insideSim(from, target);
  if (fromRoom === targetRoom) return undefined;
  if (liesIn(target, MAY_IMPORT[fromRoom] ?? [])) return undefined;
  if (item.typeOnly && liesIn(target, MAY_IMPORT_TYPES[fromRoom] ?? [])) return undefined;
  if (target.startsWith('sim/') && (MAY_IMPORT[fromRoom] ?? []).includes('sim/index.ts')) {
    return `imports ${target}: ${fromRoom}/ sees sim/ through its door only; import from sim/index.ts`;
  }
  if (fromRoom === 'reports' && target.startsWith('sim/')) {
    return `imports values of ${target}: reports/ may use types of sim/ (import type), and values of sim/base/ and sim/metrics/ only`;
  }
  return `imports ${target}: ${fromRoom}/ may import ${(MAY_IMPORT[fromRoom] ?? []).join(', ') || 'nothing'} besides itself; move the shared piece down`;
}

function insideSim(from: string, target: string): string | undefined {
  const [fromPart, targetPart] = [from.split('/')[1], target.split('/')[1]];
  const [fromLayer, targetLayer] = [layerOf(from), layerOf(target)];
  if (fromPart === targetPart || fromLayer < 0 || targetLayer < 0 || targetLayer < fromLayer) return undefined;
  const relation = fromLayer === targetLayer ? 'a stranger on the same layer' : 'a higher layer';
  return `sim/${fromPart} imports ${target}, ${relation}: move the shared piece to a lower layer (SIM_LAYERS in test/tidy/rooms.ts)`;
}

function packageAdvice(from: string, item: Import): string | undefined {
  const { specifier } = item;
  if (specifier.startsWith('node:')) {
    if (NODE_ROOMS.includes(roomOf(from))) return undefined;
    return `imports ${specifier}: only ${NODE_ROOMS.join('/ and ')}/ touch the machine; pass the value in`;
  }
  const name = specifier.split('/')[0] ?? specifier;
  const allowed = PACKAGES[name];
  if (allowed === undefined) {
    return `imports the package ${specifier}: give the reason in ARCHITECTURE.md and add it to PACKAGES in test/tidy/rooms.ts (Node's own modules are written node:…)`;
  }
  if (liesIn(from, allowed)) return undefined;
  return `imports the package ${name}: only ${allowed.join(', ')} may (PACKAGES in test/tidy/rooms.ts)`;
}
