import type { Parameters } from '@medplum/fhirtypes';
import { isDate } from '../datatypes/date.ts';
import { badRequest, unprocessable } from '../outcome/fhirError.ts';
import { decided, wrongValue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import { printLetter } from './letter/print.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { statementRecord } from './statement/figures.ts';
import { addPdf, keepDocument, knownDocument, pdfOf } from './statement/keepDocument.ts';
import { prepare } from './statement/prepare.ts';
import type { Scope } from './statement/statement.ts';
import { statementLetter } from './statement/statementLetter.ts';

/**
 * POST [base]/Account/[id]/$statement: what a patient or guarantor is asked to pay at the end of a day, as PDF and as a
 * record with its figures. What was sent is kept; the same again is answered with what is kept.
 */
export const accountStatement: Operation = {
  definition: operationDefinition('Account-statement'),
  permission: 'bill-patient',
  async run(call): Promise<Parameters> {
    const asOf = asOfInput(call);
    const scope = scopeInput(call);
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const isLarge = parameter(call.input, 'largePrint')?.valueBoolean;
    const { statement, issues } = await prepare(call, { of, scope, asOf, level: 0, isLarge });
    if (!statement) return answer([], issues);
    const record = statementRecord(statement);
    const known = await knownDocument(call, record);
    if (known) {
      const pdf = await pdfOf(call, known);
      const text = `DocumentReference/${known.id} says the same; nothing was written again`;
      return answer(
        [['statement', known], ...(pdf ? [['pdf', pdf] as const] : [])],
        [...issues, decided('already-there', 'DocumentReference', text)],
      );
    }
    await keepDocument(call, statement.id, record);
    const bytes = await printLetter(statementLetter(statement));
    const { document, pdf } = await addPdf(call, statement.id, bytes);
    const text = `DocumentReference/${document.id} is ${statement.number}, for ${record.recipient}`;
    return answer(
      [
        ['statement', document],
        ['pdf', pdf],
      ],
      [...issues, decided('created', 'DocumentReference', text)],
    );
  },
};

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

function asOfInput({ input, on }: Call): string {
  const asOf = parameter(input, 'asOf')?.valueDate ?? on;
  if (!isDate(asOf)) throw badRequest('malformed-value', 'asOf must be a full date', at('asOf'));
  if (asOf > on)
    throw unprocessable([wrongValue('date-in-future', at('asOf'), 'no statement is made of a day to come')]);
  return asOf;
}

const scopes: readonly Scope[] = ['account', 'family', 'confidential'];

function scopeInput({ input }: Call): Scope {
  const given = parameter(input, 'scope')?.valueCode;
  if (given === undefined) return 'account';
  const found = scopes.find((scope) => scope === given);
  if (found === undefined)
    throw badRequest('malformed-value', `scope is one of ${scopes.join(', ')}`, at('scope'));
  return found;
}
