import type { AuditEvent, Parameters } from '@medplum/fhirtypes';
import { openChart } from '../access/opened.ts';
import { addSeconds } from '../datatypes/date.ts';
import { parseReference } from '../datatypes/reference.ts';
import { auditIdPrefix } from '../interaction/audit/auditId.ts';
import { createResource } from '../interaction/repository.ts';
import { fhirError, notFound, unprocessable } from '../outcome/fhirError.ts';
import { decided, toOutcome, unresolved, wrongValue } from '../outcome/issue.ts';
import { asServer } from '../store/access/asServer.ts';
import { system } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';

/** How long a chart stays open, in seconds. */
const openFor = 3600;
const reasonMin = 10;
const reasonMax = 1000;

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/**
 * POST [base]/Patient/$break-glass: opens the chart of a patient to its caller for an hour, as far as their roles go in
 * an emergency. It names a patient whom the caller does not see: the AuditEvent of it is the price.
 */
export const patientBreakGlass: Operation = {
  definition: operationDefinition('Patient-break-glass'),
  permission: 'break-glass',
  asCaller: true,
  async run(call): Promise<Parameters> {
    const { context, input } = call;
    const tx = asServer(call.tx);
    const name = context.permits?.account;
    if (name === undefined)
      throw fhirError(422, 'not-supported', 'not-confined', 'who sees everything has no glass to break');
    const reason = reasonOf(input);
    const target = parseReference(parameter(input, 'patient')?.valueReference?.reference);
    if (target?.type !== 'Patient')
      throw unprocessable([unresolved('patient-unknown', at('patient'), 'names no Patient')]);
    const stored = await tx.read('Patient', target.id);
    if (!stored || stored.deleted) throw notFound(`Patient/${target.id}`);
    const now = context.now();
    const until = addSeconds(now, openFor);
    await openChart(tx, { name, now }, { patient: target.id, until });
    const event = overrideEvent(call, { name, patient: target.id, reason, now, until });
    await createResource({ ...context, store: asServer(context.store) }, tx, event);
    const text = `the chart of Patient/${target.id} is open to you until ${until}; your reason is with the auditor`;
    return {
      resourceType: 'Parameters',
      parameter: [
        { name: 'until', valueInstant: until },
        { name: 'outcome', resource: toOutcome([decided('glass-broken', 'Patient', text)]) },
      ],
    };
  },
};

function reasonOf(input: Parameters): string {
  const reason = parameter(input, 'reason')?.valueString?.trim() ?? '';
  if (reason.length >= reasonMin && reason.length <= reasonMax) return reason;
  const text = `the reason has ${reasonMin} to ${reasonMax} characters`;
  throw unprocessable([wrongValue('reason-missing', at('reason'), text)]);
}

/** Emergency Override Started, as DICOM and BALP have it, with the purpose "break the glass". */
function overrideEvent(
  { context }: Call,
  given: {
    readonly name: string;
    readonly patient: string;
    readonly reason: string;
    readonly now: string;
    readonly until: string;
  },
): AuditEvent {
  const { name, patient, reason, now, until } = given;
  const user = parseReference(context.permits?.user);
  const isNamed =
    user && ['Practitioner', 'PractitionerRole', 'RelatedPerson', 'Patient'].includes(user.type);
  return {
    resourceType: 'AuditEvent',
    id: `${auditIdPrefix}${context.newId()}`,
    type: { system: system.dicom, code: '110113', display: 'Security Alert' },
    subtype: [{ system: system.dicom, code: '110127', display: 'Emergency Override Started' }],
    action: 'E',
    period: { start: now, end: until },
    recorded: now,
    outcome: '0',
    purposeOfEvent: [{ coding: [{ system: system.actReason, code: 'BTG', display: 'break the glass' }] }],
    agent: [
      {
        who: {
          identifier: { system: system.accountName, value: name },
          ...(isNamed ? { reference: `${user.type}/${user.id}` } : {}),
        },
        requestor: true,
      },
    ],
    source: { observer: { display: 'Claimwright' } },
    entity: [
      {
        what: { reference: `Patient/${patient}` },
        detail: [{ type: 'reason', valueString: reason }],
      },
    ],
  };
}
