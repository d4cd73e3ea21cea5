import { readFileSync } from 'node:fs';
import type { OperationDefinition } from '@medplum/fhirtypes';

const folder = new URL('../../profiles/operation/', import.meta.url);

/** Reads profiles/operation/OperationDefinition-<name>.json, e.g. 'Claim-scrub'. */
export const operationDefinition = (name: string): OperationDefinition =>
  JSON.parse(
    readFileSync(new URL(`OperationDefinition-${name}.json`, folder), 'utf8'),
  ) as OperationDefinition;
