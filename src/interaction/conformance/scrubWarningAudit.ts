import type { AuditEvent, AuditEventEntityDetail, Organization, Resource } from '@medplum/fhirtypes';
import { extensionsOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';
import { auditIdPrefix } from '../audit/auditId.ts';
import type { Context, WriteHook } from '../context.ts';
import { writeResource } from '../repository.ts';

const warningsOf = (organization: Resource | undefined): string[] =>
  extensionsOf(
    organization?.resourceType === 'Organization' ? organization : undefined,
    extension.scrubWarning,
  ).flatMap(({ valueCode }) => valueCode ?? []);

/**
 * Writes an AuditEvent, in the same transaction, when a practice turns scrub rules into warnings or back: who, and
 * which rules. See https://hl7.org/fhir/R4/auditevent.html
 */
export const scrubWarningAudit: WriteHook = {
  types: ['Organization'],
  async run(context, tx, { before, after }) {
    if (after?.resourceType !== 'Organization') return undefined;
    const event = auditOf(context, await before(), after);
    return (
      event &&
      (async () => {
        await writeResource(context, tx, event, {
          by: 'operation',
          method: 'POST',
          fresh: true,
          isLinked: true,
        });
      })
    );
  },
};

function auditOf(
  context: Context,
  known: Resource | undefined,
  organization: Organization & { id: string },
): (AuditEvent & { id: string }) | undefined {
  const [before, after] = [warningsOf(known), warningsOf(organization)];
  const detail = [
    ...after.filter((code) => !before.includes(code)).map((code) => turned('added', code)),
    ...before.filter((code) => !after.includes(code)).map((code) => turned('removed', code)),
  ];
  if (detail.length === 0) return undefined;
  return {
    resourceType: 'AuditEvent',
    id: `${auditIdPrefix}${context.newId()}`,
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: known ? 'update' : 'create' }],
    action: known ? 'U' : 'C',
    recorded: context.now(),
    outcome: '0',
    agent: [{ requestor: true, who: { display: context.principal ?? 'this server' } }],
    source: { observer: { display: 'Claimwright' } },
    entity: [{ what: { reference: `Organization/${organization.id}` }, detail }],
  };
}

const turned = (type: 'added' | 'removed', code: string): AuditEventEntityDetail => ({
  type: `scrub-warning ${type}`,
  valueString: code,
});
