import type { Parameters } from '@medplum/fhirtypes';
import { isDate } from '../datatypes/date.ts';
import { referenceText } from '../datatypes/reference.ts';
import { badRequest, unprocessable } from '../outcome/fhirError.ts';
import { decided, wrongValue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { statementRecord } from './statement/figures.ts';
import { giveDocument } from './statement/giveDocument.ts';
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
    const { document, pdf, isNew } = await giveDocument(call, {
      id: statement.id,
      keep: record,
      letter: () => statementLetter(statement),
    });
    const name = referenceText(document);
    const decision = isNew
      ? decided('created', 'DocumentReference', `${name} is ${statement.number}, for ${record.recipient}`)
      : decided('already-there', 'DocumentReference', `${name} says the same; nothing was written again`);
    return answer([['statement', document], ...(pdf ? [['pdf', pdf] as const] : [])], [...issues, decision]);
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
