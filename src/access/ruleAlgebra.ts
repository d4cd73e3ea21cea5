import type { Rule } from '../store/access/access.ts';

/** What some, or all, of several rules let through, said as simply as it can be; undefined where nothing is. */

/** Some of them. */
export function anyOf(rules: readonly (Rule | undefined)[]): Rule | undefined {
  const flat = rules.flatMap((rule): readonly Rule[] =>
    rule === undefined ? [] : typeof rule === 'object' && 'any' in rule ? rule.any : [rule],
  );
  if (flat.includes('open')) return 'open';
  const patients = flat.flatMap((rule) => patientsOf(rule) ?? []);
  const others = distinct(flat.filter((rule) => !patientsOf(rule)));
  const ways: readonly Rule[] =
    patients.length > 0 ? [{ patients: [...new Set(patients)].sort() }, ...others] : others;
  return ways.length > 1 ? { any: ways } : ways[0];
}

/** Both of them: of alternatives each is narrowed by itself, so that those that cannot be met drop out. */
export function bothOf(a: Rule | undefined, b: Rule | undefined): Rule | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === 'open' || a === b) return b;
  if (b === 'open') return a;
  if (typeof a === 'object' && 'any' in a) return anyOf(a.any.map((one) => bothOf(one, b)));
  if (typeof b === 'object' && 'any' in b) return anyOf(b.any.map((one) => bothOf(a, one)));
  const parts = [a, b].flatMap((rule) => (typeof rule === 'object' && 'all' in rule ? rule.all : [rule]));
  return allOf(parts);
}

function allOf(parts: readonly Rule[]): Rule | undefined {
  let patients: readonly string[] | undefined;
  const others: Rule[] = [];
  for (const part of parts) {
    const named = patientsOf(part);
    if (!named) others.push(part);
    else patients = patients ? patients.filter((id) => named.includes(id)) : named;
  }
  if (patients?.length === 0) return undefined;
  const all = [...(patients ? [{ patients }] : []), ...distinct(others)];
  return all.length > 1 ? { all } : all[0];
}

const patientsOf = (rule: Rule): readonly string[] | undefined =>
  typeof rule === 'object' && 'patients' in rule ? rule.patients : undefined;

const distinct = (rules: readonly Rule[]): readonly Rule[] => [...new Set(rules)];
