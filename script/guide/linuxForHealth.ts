import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isLoop, type LoopUse, type SegmentUse, type Use } from '../../src/x12/guide.ts';

/** Which segments and loops a second source requires: loop id → member ('NM1' or '2310A') → required. */
type Opinion = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

/** Reads the loop models of LinuxForHealth x12: `dmg_segment: Optional[…]` is situational, without Optional required. */
export function readLinuxForHealth(folder: string, model: string): Opinion {
  const file = join(folder, model, 'loops.py');
  const opinion = new Map<string, Map<string, boolean>>();
  if (!existsSync(file)) return opinion;
  let members: Map<string, boolean> | undefined;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const opened = /^class (?:Loop(\w+)|(\w+))\(/.exec(line);
    if (opened !== null) {
      members = new Map();
      opinion.set((opened[1] ?? '').toUpperCase(), members);
    }
    const member = /^ {4}(?:(\w{2,3})_segment|loop_(\w+)): (.*)$/.exec(line);
    if (member === null) continue;
    const optional = /^Optional\b/.test(member[3] ?? '') || /min_items=0/.test(member[3] ?? '');
    members?.set((member[1] ?? member[2] ?? '').toUpperCase(), !optional);
  }
  return opinion;
}

/** Marks as unsure what the two sources require differently. A segment is required where any of its uses is. */
export function compared(content: readonly Use[], opinion: Opinion, loop = ''): Use[] {
  const members = opinion.get(loop);
  const required = new Set(content.filter(({ usage }) => usage === 'R').map(({ id }) => id));
  const differs = (use: LoopUse | SegmentUse): boolean => {
    const other = members?.get(use.id);
    if (other === undefined || other === required.has(use.id)) return false;
    return other ? content.filter(({ id }) => id === use.id).length === 1 : use.usage === 'R';
  };
  return content.map((use) => {
    const unsure = differs(use) ? ({ unsure: true } as const) : {};
    return isLoop(use)
      ? { ...use, ...unsure, content: compared(use.content, opinion, use.id) }
      : { ...use, ...unsure };
  });
}
