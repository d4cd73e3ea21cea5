import { badRequest, type FhirError } from '../../outcome/fhirError.ts';
import type { ParameterType, SearchParameter } from '../query.ts';
import { isOfIdentifiers } from '../registry.ts';

/** The modifiers of R4 by kind of parameter; a reference also takes `:Type`. See https://hl7.org/fhir/R4/search.html#modifiers */
const modifiers = {
  token: ['missing', 'text', 'not', 'above', 'below', 'in', 'not-in', 'of-type'],
  reference: ['missing', 'identifier', 'above', 'below'],
  date: ['missing'],
  string: ['missing', 'exact', 'contains'],
  number: ['missing'],
  quantity: ['missing'],
  uri: ['missing', 'above', 'below'],
  composite: [],
} as const satisfies Readonly<Record<ParameterType, readonly string[]>>;

export type ModifierName = (typeof modifiers)[ParameterType][number];

function modifiersOf({ code, kind, expression }: SearchParameter): readonly ModifierName[] {
  if (code === '_id') return ['missing', 'not'];
  if (kind === 'token' && !isOfIdentifiers(expression)) return modifiers.token.filter((m) => m !== 'of-type');
  return modifiers[kind];
}

/** The modifier that a name has; 400 that names the allowed ones where R4 has it not for this parameter. */
export function modifierOf(parameter: SearchParameter, text: string): ModifierName {
  const found = modifiersOf(parameter).find((m) => m === text);
  if (!found) throw unknownModifier(parameter);
  return found;
}

export function unknownModifier(parameter: SearchParameter): FhirError {
  const { code, kind } = parameter;
  const names: string[] = [...modifiersOf(parameter)];
  if (kind === 'reference') names.push('and the types it refers to');
  const allowed = names.length === 0 ? 'takes no modifier' : `its modifiers are ${names.join(', ')}`;
  return badRequest('unknown-modifier', `${code} is a ${kind} parameter; ${allowed}`);
}
