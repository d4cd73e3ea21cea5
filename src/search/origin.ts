import type { ResourceType } from '@medplum/fhirtypes';
import { choices } from './parameter.ts';
import type { Origin, SearchParameter } from './query.ts';

const limited = /^(.*)\.where\(resolve\(\) is ([A-Za-z]+)\)$/;

/**
 * The parameters that hold all entries of another one: `patient` is what `subject` holds of Patients, `combo-code`
 * is what `code` and `component-code` hold. Undefined when it needs entries of its own.
 */
export function originsOf(
  parameter: SearchParameter,
  all: readonly SearchParameter[],
): readonly Origin[] | undefined {
  if (parameter.unindexed) return undefined;
  const left = new Set(parameter.expression.split(' | '));
  const origins: Origin[] = [];
  const others = all.filter(
    (other) => other !== parameter && other.kind === parameter.kind && other.part === undefined,
  );
  for (const { code, expression } of others) {
    const parts = expression.split(' | ');
    if (!parts.every((part) => left.has(part))) continue;
    origins.push({ code });
    for (const part of parts) left.delete(part);
  }
  for (const part of parameter.kind === 'reference' ? [...left] : []) {
    const [, bare, target] = limited.exec(part) ?? [];
    const base = others.find((other) => other.expression === bare);
    if (!base) continue;
    origins.push({ code: base.code, target: target as ResourceType });
    left.delete(part);
  }
  return left.size === 0 ? origins : undefined;
}

/** A parameter whose expression takes references to some types only has those as targets. */
export function withTargets(parameter: SearchParameter): SearchParameter {
  if (parameter.kind !== 'reference') return parameter;
  const only = parameter.expression.split(' | ').map((part) => limited.exec(part)?.[2]);
  if (only.includes(undefined)) return parameter;
  return { ...parameter, target: [...new Set(only as ResourceType[])] };
}

/** `servicedDate` is `serviced.as(date)`, where R4 has such a choice. */
function typed(name: string): string {
  for (let at = 1; at < name.length; at++) {
    const type = name.slice(at);
    if (choices[name.slice(0, at)]?.includes(type)) return `${name.slice(0, at)}.as(${type.toLowerCase()})`;
  }
  return name;
}

/** The alternatives of an expression in one way of writing, whole paths from the resource on. */
export function pathsOf(expression: string, type: ResourceType, start = ''): string[] {
  return expression.split('|').map((part) => {
    const plain = part
      .trim()
      .replace(/^Resource\b/, type)
      .replace(/^\(([\w.]+) as (\w+)\)/, (_, path: string, of: string) => `${path}.as(${of})`)
      .replace(/\.(?:as|ofType)\((\w+)\)/g, (_, of: string) => `.as(${of.toLowerCase()})`)
      .replace(/\b[a-z]+[A-Z]\w*/g, typed);
    if (plain.startsWith('%resource.')) return plain.replace('%resource', type);
    return start === '' ? plain : `${start}.${plain}`;
  });
}

/** A composite whose parts say which parameters hold all their entries, where there are such. */
export function withComponents(parameter: SearchParameter, all: readonly SearchParameter[]): SearchParameter {
  const { components, expression, type } = parameter;
  if (!components) return parameter;
  const starts = pathsOf(expression, type);
  return {
    ...parameter,
    components: components.map((component) => {
      const paths = starts.flatMap((start) => pathsOf(component.expression, type, start));
      const holder = all.find((other) => {
        if (other.kind !== component.kind || other.part !== undefined) return false;
        const held = new Set(pathsOf(other.expression, type));
        return paths.every((path) => held.has(path));
      });
      return holder ? { ...component, from: holder.from ?? [{ code: holder.code }] } : component;
    }),
  };
}
