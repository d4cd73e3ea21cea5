import type { Claim } from '@medplum/fhirtypes';
import type { ClaimForm } from '../billing/claim/claimLine.ts';
import { parseReference } from '../datatypes/reference.ts';
import { badRequest } from '../outcome/fhirError.ts';
import type { Issue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter, parameters } from './parameters.ts';
import { captureCharges } from './charge/captureCharges.ts';
import { draftClaims } from './claim/draftClaims.ts';
import { draftLate } from './claim/draftLate.ts';
import { readVisit } from './charge/visit.ts';

/** POST [base]/Encounter/[id]/$generate-claim and [base]/Encounter/$generate-claim: from the chart to draft claims. */
export const encounterGenerateClaim: Operation = {
  definition: operationDefinition('Encounter-generate-claim'),
  permission: 'draft-claim',
  async run(call) {
    const form = formOf(call);
    const isLate = parameter(call.input, 'lateCharges')?.valueBoolean === true;
    const claims: Claim[] = [];
    const issues: Issue[] = [];
    for (const id of encountersOf(call)) {
      const captured = await captureCharges(call, await readVisit(call, id));
      const drafted = isLate
        ? await draftLate(call, captured, form)
        : await draftClaims(call, captured, form);
      claims.push(...drafted.claims);
      issues.push(...captured.issues, ...drafted.issues);
    }
    return answer(
      claims.map((claim) => ['claim', claim]),
      issues,
    );
  },
};

const forms = ['professional', 'institutional', 'oral', 'pharmacy'] as const satisfies readonly ClaimForm[];

function formOf({ input }: Call): ClaimForm | undefined {
  const type = parameter(input, 'type')?.valueCode;
  const form = forms.find((one) => one === type);
  if (form !== undefined || type === undefined) return form;
  const at = "Parameters.parameter.where(name='type').value";
  throw badRequest('unknown-claim-type', `type is one of ${forms.join(', ')}`, at);
}

/** The encounter called on, or those named, each once. */
function encountersOf({ target, input }: Call): string[] {
  const at = "Parameters.parameter.where(name='encounter')";
  const named = parameters(input, 'encounter').map((p) => {
    const reference = parseReference(p.valueReference?.reference);
    if (reference?.type === 'Encounter') return reference.id;
    throw badRequest('wrong-parameter-type', 'encounter is a reference to an Encounter', at);
  });
  if (target.id === undefined) {
    if (named.length === 0) throw badRequest('missing-parameter', 'encounter is required at type level', at);
    return [...new Set(named)];
  }
  if (named.length > 0) throw badRequest('unknown-parameter', 'encounter belongs to the type level', at);
  return [target.id];
}
