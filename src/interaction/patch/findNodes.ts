import { evalFhirPathTyped, toJsBoolean, type TypedValue } from '@medplum/core';
import { exactNumber } from '../../datatypes/json.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { childrenNamed, isHolder, type ElementNode } from './elementNode.ts';
import type { PathStep } from './patchPath.ts';

/** The elements that a path names, each with its place; 400 when its criteria cannot be judged. */
export const findNodes = (root: ElementNode, path: readonly PathStep[], place: string): ElementNode[] =>
  path.reduce<ElementNode[]>((nodes, step) => follow(nodes, step, place), [root]);

function follow(nodes: ElementNode[], step: PathStep, place: string): ElementNode[] {
  if (step.kind === 'child') return nodes.flatMap((node) => childrenNamed(node, step.name));
  if (step.kind === 'index') return nodes.slice(step.index, step.index + 1);
  const { name, argument } = step;
  switch (name) {
    case 'where':
      return nodes.filter((node) => meets(node, argument, place));
    case 'first':
      return nodes.slice(0, 1);
    case 'last':
      return nodes.slice(-1);
    case 'tail':
      return nodes.slice(1);
    case 'skip':
      return nodes.slice(Number(argument));
    case 'take':
      return nodes.slice(0, Number(argument));
    case 'single':
      return nodes;
    case 'extension':
      return nodes
        .flatMap((node) => childrenNamed(node, 'extension'))
        .filter(({ value }) => isHolder(value) && value['url'] === argument.slice(1, -1));
    case 'ofType':
    case 'as':
      return nodes.filter(({ type }) => type === argument.replace(/^FHIR\./, ''));
  }
}

/** Whether a node meets criteria of FHIRPath. */
function meets({ type, value }: ElementNode, criteria: string, place: string): boolean {
  if (value === undefined) return false;
  const number = exactNumber(value);
  const plain: unknown = number === undefined ? copied(value) : Number(number);
  const typed: TypedValue = { type, value: plain };
  try {
    return toJsBoolean(evalFhirPathTyped(criteria, [typed]));
  } catch {
    throw badRequest('malformed-patch', 'the criteria of where() cannot be judged', place);
  }
}

const copied = (value: unknown): unknown =>
  typeof value === 'object' ? (JSON.parse(JSON.stringify(value)) as unknown) : value;
