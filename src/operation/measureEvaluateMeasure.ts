import type { MeasureReport } from '@medplum/fhirtypes';
import { tally } from '../billing/report/tally.ts';
import { breather } from '../interaction/breather.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { followBooks } from './report/followBooks.ts';
import { keptFigures } from './report/keptFigures.ts';
import { measureReport } from './report/measureReport.ts';
import { questionOf, reportOf, type Question } from './report/question.ts';

/**
 * GET [base]/Measure/[id]/$evaluate-measure: a report of a practice. The question is checked in the transaction; the
 * figures are added up after it, a few milliseconds at a time.
 * See https://hl7.org/fhir/R4/measure-operation-evaluate-measure.html
 */
export const measureEvaluateMeasure: Operation = {
  definition: operationDefinition('Measure-evaluate-measure'),
  permission: 'report',
  async run(call) {
    return { awaited: JSON.stringify(await questionOf(call)) };
  },
  answer: async ({ store, now, publicUrl }, { awaited }): Promise<MeasureReport> => {
    const question = JSON.parse(awaited) as Question;
    const books = await followBooks(store);
    const kept = await keptFigures(store, question);
    const figures = await tally(
      reportOf(question.measure),
      { books, kept, ...question },
      question.ways,
      breather(),
    );
    return measureReport(question, figures, { now: now(), base: publicUrl });
  },
};
