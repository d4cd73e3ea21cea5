import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = new URL('../../src/', import.meta.url).pathname;
const files = globSync('**/*.ts', { cwd: root }).sort();
const using = (name: RegExp, besides: RegExp): string[] =>
  files.filter((file) => !besides.test(file) && name.test(readFileSync(join(root, file), 'utf8')));

/** Where a store is opened: entry points, and the store of what the server brings along. */
const opening = ['builtIn.ts', 'main.ts'];

/** What the server reads and writes as itself while it answers a caller, each with its reason. */
const serverSide: Readonly<Record<string, string>> = {
  'background.ts': "background work is the server's own doing",
  'http/asyncJobs.ts': 'a cancelled request takes back what operations do for it, too',
  'http/binary.ts': 'the bytes of a Binary that was shown to the caller lie beside it',
  'http/metrics.ts': 'counts background work for whoever watches the server',
  'http/smart/smartServer.ts':
    'accounts and clients belong to nobody, and roles are resolved before anybody asks',
  'interaction/asCaller.ts': 'the context of a caller is made from the store that sees everything',
  'interaction/conformance/definedParameters.ts': 'a transaction is known by itself, whoever it is for',
  'interaction/repository.ts': 'hooks do what has to follow a write, whoever wrote',
  'interaction/terminology/resolveSets.ts': 'definitions are expanded the same for all who ask',
  'interaction/typeCache.ts': 'what is kept is the same for all who ask',
  'operation/audit/makeEvents.ts': 'AuditEvents are made of the records of everybody',
  'operation/binaryOutline.ts': 'the bytes of an interchange that was shown to the caller lie beside it',
  'operation/call/callerView.ts': 'tells what is hidden from what is not stored',
  'operation/claimSubmitResource.ts':
    'reads what an answer of PAS refers to; what its caller does not see is left out of the answer',
  'operation/eligibility/awaitEligibility.ts':
    'brings a question to its payer, after the first transaction has judged who may see it',
  'operation/eligibility/discover.ts':
    'awaits what payers say, after the first transaction has judged who may ask',
  'operation/export/askExport.ts': 'an export is told by who asked for it, before it is shown',
  'operation/export/kickOff.ts': 'the job of an export lies beside what its caller sees',
  'operation/jobStatus.ts': 'tells of background work, which belongs to nobody',
  'operation/measureEntries.ts':
    'the entries of the books of a practice, after its caller was found to see them',
  'operation/patientBreakGlass.ts': 'opens a chart that its caller does not see yet',
  'operation/report/followBooks.ts':
    'the journal in columns is one for all; a report adds up the practice that its caller sees',
  'operation/rule/backTest.ts':
    'holds a rule against the claims of its practice, after its caller was found to see it',
  'operation/rule/stopped.ts': 'switches off a rule that did not end, whoever sent the claim',
  'operation/run.ts': 'an operation computes as the server, within what its caller named',
  'operation/searchParameterIndexProgress.ts': 'tells how far indexing is to whoever has the permission',
  'operation/submission/awaitAnswers.ts':
    'brings a claim to its payer, after the first transaction has judged who may see it',
  'operation/systemCodingTables.ts': 'tells which coding tables are loaded, which belong to nobody',
  'operation/systemLoadTable.ts': 'loads coding tables, which belong to nobody',
  'operation/systemProcessX12.ts':
    'takes in what a partner sent about anybody; its caller is shown what they see',
  'operation/systemRunNightly.ts': 'begins work that is done for all practices',
  'operation/table/loadedTables.ts': 'what is remembered of the tables of a store is the same whoever asks',
  'operation/taskWorkDenials.ts': 'reads what stands open of a denial that its caller sees',
};

test('a store is opened by entry points only: all else is given one', () => {
  expect(using(/\b(?:openStore|openSqlite|openMongodb)\(/, /^(?:store|command)\//)).toEqual(opening);
});

test('the store is reached as the caller, but in the places that say why not', () => {
  expect(using(/\basServer\(/, /^store\//)).toEqual(Object.keys(serverSide));
});

test('nobody but the store, and what wraps one, says what sees everything', () => {
  expect(using(/\bnoteServer\(/, /^store\/access\//)).toEqual(['http/asyncJobs.ts']);
});

test('who may see what is decided where the context of a request is made', () => {
  expect(using(/\.as\(/, /^(?:store|search)\//)).toEqual(['interaction/asCaller.ts']);
});
