import type { ChargeItem, Encounter, Organization, Parameters, Patient } from '@medplum/fhirtypes';
import { ownNumber } from '../billing/payment/receipt.ts';
import { centsOf, toMoney, zero } from '../datatypes/cents.ts';
import { dateOf } from '../datatypes/date.ts';
import { referenceText } from '../datatypes/reference.ts';
import { changed } from '../datatypes/json.ts';
import { find, readResource, resolve } from '../interaction/repository.ts';
import { badRequest, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import { distinct, sensitiveOf } from './label/labelled.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { itemizedLetter, type ItemizedLine } from './statement/itemizedLetter.ts';
import { giveDocument } from './statement/giveDocument.ts';
import type { ToKeep } from './statement/keepDocument.ts';
import { definitionOf, nothingKnown } from './statement/readBill.ts';
import { patientRecipient } from './statement/recipient.ts';

const billed: readonly string[] = ['billable', 'billed'];

/** POST [base]/Encounter/[id]/$itemize: every charge of a visit, for the patient, as PDF; kept, and the same again. */
export const encounterItemize: Operation = {
  definition: operationDefinition('Encounter-itemize'),
  permission: 'bill-patient',
  async run(call): Promise<Parameters> {
    const { tx, context, target } = call;
    const kind = kindInput(call);
    const visit = await readResource<Encounter & { id: string }>(tx, 'Encounter', target.id ?? '');
    const patient = await resolve<Patient>(tx, 'Patient', visit.subject);
    const practice = await resolve<Organization>(tx, 'Organization', visit.serviceProvider);
    if (patient?.id === undefined || practice?.id === undefined)
      throw unprocessable([
        businessFault('patient-unknown', 'Encounter', 'names no patient or practice here'),
      ]);
    const lines = await linesOf(call, referenceText(visit));
    const recipient = patientRecipient(changed(patient, { id: patient.id }), call.on, false);
    const id = context.newId();
    const keep: ToKeep = {
      type: kind,
      of: referenceText(visit),
      number: ownNumber('ITM', id),
      practice: `Organization/${practice.id}`,
      subject: `Patient/${patient.id}`,
      recipient: recipient.reference.reference ?? '',
      channel: recipient.channel,
      language: recipient.language,
      labels: distinct([visit, ...lines.map(({ charge }) => charge)].flatMap(sensitiveOf)),
      related: [referenceText(visit), ...lines.map(({ charge }) => referenceText(charge))],
      figures: lines.map(({ day, amount }) => ({
        url: extension.statementLine,
        extension: [
          { url: 'day', valueDate: day },
          { url: 'charge', valueMoney: toMoney(amount) },
        ],
      })),
      says: lines.map(({ charge: { code, quantity, reason } }) =>
        kind === 'superbill' ? [code, quantity, reason] : [code, quantity],
      ),
    };
    const number = keep.number;
    const { document, pdf, isNew } = await giveDocument(call, {
      id,
      keep,
      letter: () => itemizedLetter({ practice, recipient, patient, on: call.on, kind, lines, number }),
    });
    const decision = isNew
      ? decided('created', 'DocumentReference', `${referenceText(document)} has each charge`)
      : decided('already-there', 'DocumentReference', 'this bill was given; nothing was written again');
    return answer([['document', document], ...(pdf ? [['pdf', pdf] as const] : [])], [decision]);
  },
};

async function linesOf({ tx }: Call, visit: string): Promise<ItemizedLine[]> {
  const charges = await find<ChargeItem>(tx, 'ChargeItem', { context: visit });
  const known = nothingKnown();
  const lines: ItemizedLine[] = [];
  for (const charge of charges.filter(({ status }) => billed.includes(status))) {
    lines.push({
      charge,
      day: dateOf(charge.occurrenceDateTime ?? charge.occurrencePeriod?.start ?? ''),
      definition: await definitionOf(tx, charge.definitionCanonical?.[0], known),
      amount: centsOf(charge.priceOverride) ?? zero,
    });
  }
  if (lines.length > 0) return lines.sort((a, b) => (a.day < b.day ? -1 : 1));
  throw unprocessable([businessFault('no-charges', 'Encounter', 'no charge of this visit stands')]);
}

function kindInput({ input }: Call): 'itemized-bill' | 'superbill' {
  const given = parameter(input, 'kind')?.valueCode ?? 'itemized-bill';
  if (given === 'itemized-bill' || given === 'superbill') return given;
  const at = "Parameters.parameter.where(name='kind').value";
  throw badRequest('malformed-value', 'kind is itemized-bill or superbill', at);
}
