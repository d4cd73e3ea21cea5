import type {
  Basic,
  Binary,
  Parameters,
  ParametersParameter,
  PaymentReconciliation,
} from '@medplum/fhirtypes';
import type { BankLine, Statement } from '../billing/deposit/bankLine.ts';
import { isBankLine, lineOf } from '../billing/deposit/bankRecord.ts';
import { readBai2 } from '../billing/deposit/readBai2.ts';
import { readBankCsv } from '../billing/deposit/readBankCsv.ts';
import { sum, toMoney, toText, type Cents } from '../datatypes/cents.ts';
import { addDays, isDate } from '../datatypes/date.ts';
import { parseReference } from '../datatypes/reference.ts';
import { readResource, resolve } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import {
  decided,
  missing,
  toOutcome,
  unresolved,
  warning,
  wrongValue,
  type Issue,
} from '../outcome/issue.ts';
import { requireToSee } from './call/callerView.ts';
import { keepLines } from './deposit/bankLines.ts';
import type { Span } from './deposit/expectedDeposits.ts';
import { practiceNamed } from './deposit/practiceNamed.ts';
import { reconcile, settle, type Reconciliation } from './deposit/reconcile.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter, parameters } from './parameters.ts';

/** Days before the first and after the last line in which a payment may stand that the bank shows there. */
const around = 10;
/** Days that are looked at where no statement is given. */
const usualSpan = 31;
const utf8 = new TextDecoder();

/** POST [base]/$reconcile-bank: the bank's lines against what was told and taken in, and what is left on either side. */
export const systemReconcileBank: Operation = {
  definition: operationDefinition('reconcile-bank'),
  permission: 'post-remittance',
  async run(call): Promise<Parameters> {
    const { input } = call;
    const practice = await practiceNamed(call);
    const statement = statementIn(parameter(input, 'statement')?.resource as Binary | undefined);
    const span = spanOf(call, practice, statement);
    const kept = await keepLines(call, statement?.lines ?? [], practice);
    await matchByHand(call, practice);
    const found = await reconcile(call, span);
    await requireToSee(call.view, [
      ...found.lines.map((l) => l.line.name),
      ...found.missing.map((e) => e.name),
    ]);
    const paidOut = statement?.paidOut ?? [];
    const issues = [
      decided(
        'bank-lines',
        undefined,
        `${statement?.lines.length ?? 0} lines of money that came in, ${kept} of them new`,
      ),
      ...(paidOut.length === 0
        ? []
        : [
            decided(
              'bank-debits',
              undefined,
              `${paidOut.length} lines of money that went out are listed only: they are no deposits`,
            ),
          ]),
      ...differences(found),
    ];
    return answerOf(found, paidOut, issues);
  },
};

const at = (name: string): string => `Parameters.parameter.where(name='${name}')`;

/** The lines of a statement; 422 with all that cannot be read, and nothing of it is kept then. */
function statementIn(binary: Binary | undefined): Statement | undefined {
  if (!binary) return undefined;
  const text = utf8.decode(Buffer.from(binary.data ?? '', 'base64'));
  const statement = text.startsWith('01,') ? readBai2(text) : readBankCsv(text);
  const faults = statement.faults.map((fault) =>
    wrongValue('bank-statement', `${at('statement')}.resource`, fault),
  );
  if (faults.length === 0 && statement.lines.length + statement.paidOut.length === 0)
    faults.push(missing('bank-statement', `${at('statement')}.resource`, 'the statement has no line'));
  if (faults.length > 0) throw unprocessable(faults.slice(0, 100));
  return statement;
}

function spanOf({ input, on }: Call, practice: string, statement: Statement | undefined): Span {
  const days = (statement?.lines ?? []).map((l) => l.date).sort();
  const said = (name: string): string | undefined => {
    const date = parameter(input, name)?.valueDate;
    if (date !== undefined && !isDate(date))
      throw unprocessable([
        wrongValue('malformed-value', `${at(name)}.value`, 'the date must be a full date'),
      ]);
    return date;
  };
  return {
    practice,
    from: said('from') ?? addDays(days[0] ?? addDays(on, 0 - usualSpan), 0 - around),
    to: said('to') ?? addDays(days.at(-1) ?? on, around),
  };
}

/** What a person says: a line is the money of these, or of nothing that is known. */
async function matchByHand(call: Call, practice: string): Promise<void> {
  const faults: Issue[] = [];
  for (const [i, given] of parameters(call.input, 'match').entries()) {
    const place = (name: string): string => `${at('match')}[${i}].part.where(name='${name}').value`;
    const line = given.part?.find((p) => p.name === 'line')?.valueReference;
    const record = await resolve<Basic>(call.tx, 'Basic', line);
    if (!record || !isBankLine(record) || record.author?.reference !== practice) {
      faults.push(
        unresolved('bank-line-unknown', place('line'), 'names no line of the bank of the practice'),
      );
      continue;
    }
    const names: string[] = [];
    for (const part of (given.part ?? []).filter((p) => p.name === 'to')) {
      const name = await depositNamed(call, part, practice);
      if (name === undefined)
        faults.push(
          unresolved('deposit-unknown', place('to'), 'names no payment and no batch of the practice'),
        );
      else names.push(name);
    }
    if (faults.length === 0) await settle(call, lineOf(record), [...new Set(names)]);
  }
  if (faults.length > 0) throw unprocessable(faults);
}

async function depositNamed(
  { tx }: Call,
  { valueReference }: ParametersParameter,
  practice: string,
): Promise<string | undefined> {
  const target = parseReference(valueReference?.reference);
  if (target?.type !== 'PaymentReconciliation' && target?.type !== 'Basic') return undefined;
  const name = `${target.type}/${target.id}`;
  const found = await readResource<PaymentReconciliation | Basic>(tx, target.type, target.id);
  if (found.resourceType === 'Basic')
    return found.code.coding?.[0]?.code === 'deposit-batch' && found.author?.reference === practice
      ? name
      : undefined;
  return found.status === 'active' && found.requestor?.reference === practice ? name : undefined;
}

const differences = ({ lines }: Reconciliation): Issue[] =>
  lines.flatMap(({ line, to, difference }) =>
    difference === undefined
      ? []
      : [
          warning(
            'bank-difference',
            line.name,
            `${toText(difference)} lies between the bank and ${to.join(', ')}`,
          ),
        ],
  );

function answerOf(
  { lines, missing: left }: Reconciliation,
  paidOut: readonly BankLine[],
  issues: readonly Issue[],
): Parameters {
  const open = lines.filter((l) => l.to.length === 0);
  const total = (name: string, amounts: readonly Cents[]): ParametersParameter => ({
    name,
    valueMoney: toMoney(sum(amounts)),
  });
  return {
    resourceType: 'Parameters',
    parameter: [
      ...lines.map(({ line, to, difference }) => ({
        name: 'line',
        part: [
          { name: 'line', valueReference: { reference: line.name } },
          { name: 'date', valueDate: line.date },
          { name: 'amount', valueMoney: toMoney(line.amount) },
          {
            name: 'state',
            valueCode: to.length === 0 ? 'open' : difference === undefined ? 'matched' : 'differs',
          },
          ...to.map((reference) => ({ name: 'deposit', valueReference: { reference } })),
        ],
      })),
      ...left.map(({ name, amount, date }) => ({
        name: 'missing',
        part: [
          { name: 'deposit', valueReference: { reference: name } },
          { name: 'date', valueDate: date },
          { name: 'amount', valueMoney: toMoney(amount) },
        ],
      })),
      ...paidOut.map(({ date, amount, reference, text }) => ({
        name: 'debit',
        part: [
          { name: 'date', valueDate: date },
          { name: 'amount', valueMoney: toMoney(amount) },
          ...(reference === '' ? [] : [{ name: 'reference', valueString: reference }]),
          ...(text === '' ? [] : [{ name: 'text', valueString: text }]),
        ],
      })),
      total(
        'bankOnly',
        open.map((l) => l.line.amount),
      ),
      total(
        'oursOnly',
        left.map((l) => l.amount),
      ),
      { name: 'outcome', resource: toOutcome(issues) },
    ],
  };
}
