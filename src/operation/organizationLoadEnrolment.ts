import type { Location, Organization, Parameters, Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { contentText } from '../datatypes/content.ts';
import { changed } from '../datatypes/json.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { createResource, find, readResource, resolve, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, firstIssues, unresolved, type Issue } from '../outcome/issue.ts';
import { caseTerms } from '../terminology/caseSystem.ts';
import { system } from '../terminology/system.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { operationDefinition } from './definition.ts';
import { enrolmentConcept } from './enrolment/enrolmentRole.ts';
import { readEnrolmentRows, type EnrolmentRow } from './enrolment/readEnrolmentRows.ts';
import { enrolmentRoles } from './enrolment/readEnrolments.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

/** POST [base]/Organization/[id]/$load-enrolment: whom a payer has enrolled for a group, whole or not at all. */
export const organizationLoadEnrolment: Operation = {
  definition: operationDefinition('Organization-load-enrolment'),
  permission: 'load-contract',
  async run(call): Promise<Parameters> {
    const { context, tx, input } = call;
    const id = call.target.id ?? '';
    requireOwnPractice(context, id);
    await readResource(tx, 'Organization', id);
    const group = `Organization/${id}`;
    const payer = await resolve<Organization>(tx, 'Organization', parameter(input, 'payer')?.valueReference);
    const { rows, faults } = readEnrolmentRows(parameter(input, 'content')?.valueString ?? '');
    const issues: Issue[] = faults.map((text) => businessFault('enrolment-row', at('content'), text));
    if (payer?.id === undefined)
      issues.push(unresolved('payer-unknown', at('payer'), 'names no Organization that is here'));
    const wanted: PractitionerRole[] = [];
    for (const row of rows) {
      const role = await roleOf(call, row, { group, payer: `Organization/${payer?.id ?? ''}` });
      if (typeof role === 'string')
        issues.push(businessFault('enrolment-row', at('content'), `line ${row.line} ${role}`));
      else wanted.push(role);
    }
    if (issues.length > 0) throw unprocessable([...firstIssues(issues, 50)]);
    const payerName = `Organization/${payer?.id ?? ''}`;
    await tx.lock(`enrolment|${group}|${payerName}`);
    const there = new Map((await enrolmentRoles(tx, group, payerName)).map((role) => [keyOf(role), role]));
    const written: PractitionerRole[] = [];
    for (const role of wanted) {
      const before = there.get(keyOf(role));
      if (before?.id === undefined) written.push(await createResource<PractitionerRole>(context, tx, role));
      else if (before.period?.end !== role.period?.end || before.active === false)
        written.push(
          await updateResource<PractitionerRole>(
            context,
            tx,
            changed(before, { id: before.id, active: true, period: role.period ?? {} }),
          ),
        );
    }
    const same = wanted.length - written.length;
    return answer(
      written.map((role) => ['enrolment', role] as const),
      [
        ...written.map((role) => decided('created', 'PractitionerRole', `${referenceText(role)} is kept`)),
        ...(same > 0 ? [decided('already-there', 'PractitionerRole', `${same} rows were there`)] : []),
      ],
    );
  },
};

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** What makes an enrolment the same: who, where, and since when. */
const keyOf = ({ practitioner, location = [], period }: PractitionerRole): string =>
  contentText([
    practitioner?.reference ?? '',
    location.map((one) => one.reference ?? ''),
    period?.start ?? '',
  ]);

/** The enrolment of a row, or what is wrong with it. */
async function roleOf(
  { tx }: Call,
  { npi, place, start, end }: EnrolmentRow,
  { group, payer }: { readonly group: string; readonly payer: string },
): Promise<PractitionerRole | string> {
  const people =
    npi === '' ? [] : await find<Practitioner>(tx, 'Practitioner', { identifier: `${system.npi}|${npi}` });
  if (npi !== '' && people.length !== 1) return 'has an NPI that no Practitioner here, or more than one, has';
  const where =
    place === '' ? undefined : await resolve<Location>(tx, 'Location', { reference: `Location/${place}` });
  const owner = parseReference(where?.managingOrganization?.reference);
  if (place !== '' && (owner === undefined || `${owner.type}/${owner.id}` !== group))
    return 'has a place that is no Location of this practice';
  return {
    resourceType: 'PractitionerRole',
    active: true,
    code: [enrolmentConcept],
    organization: { reference: group },
    ...(people[0] ? { practitioner: { reference: referenceText(people[0]) } } : {}),
    ...(where ? { location: [{ reference: referenceText(where) }] } : {}),
    period: { start, ...(end === '' ? {} : { end }) },
    extension: [{ url: caseTerms.enrolledWith, valueReference: { reference: payer } }],
  };
}
