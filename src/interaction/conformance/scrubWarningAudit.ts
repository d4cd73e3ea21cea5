import type { AuditEvent, AuditEventEntityDetail, Organization } from '@medplum/fhirtypes';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseJson } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';
import type { Transaction } from '../../store/store.ts';
import type { Context } from '../context.ts';

const utf8 = new TextDecoder();

const warningsOf = (organization: Organization | undefined): string[] =>
  extensionsOf(organization, extension.scrubWarning).flatMap(({ valueCode }) => valueCode ?? []);

/**
 * Writes an AuditEvent, in the same transaction, when a practice turns scrub rules into warnings or back: who, and
 * which rules. See https://hl7.org/fhir/R4/auditevent.html
 */
export async function auditScrubWarnings(
  context: Context,
  tx: Transaction,
  organization: Organization & { id: string },
): Promise<void> {
  const stored = await tx.read('Organization', organization.id);
  const known = stored && !stored.deleted ? (parseJson(utf8.decode(stored.json)) as Organization) : undefined;
  const [before, after] = [warningsOf(known), warningsOf(organization)];
  const detail = [
    ...after.filter((code) => !before.includes(code)).map((code) => changed('added', code)),
    ...before.filter((code) => !after.includes(code)).map((code) => changed('removed', code)),
  ];
  if (detail.length === 0) return;
  const event: AuditEvent & { id: string } = {
    resourceType: 'AuditEvent',
    id: context.newId(),
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: known ? 'update' : 'create' }],
    action: known ? 'U' : 'C',
    recorded: context.now(),
    outcome: '0',
    agent: [{ requestor: true, who: { display: context.principal ?? 'this server' } }],
    source: { observer: { display: 'Claimwright' } },
    entity: [{ what: { reference: `Organization/${organization.id}` }, detail }],
  };
  await tx.put(event, { method: 'POST' });
}

const changed = (type: 'added' | 'removed', code: string): AuditEventEntityDetail => ({
  type: `scrub-warning ${type}`,
  valueString: code,
});
