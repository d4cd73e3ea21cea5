import { readFileSync, readdirSync } from 'node:fs';
import ts from 'typescript';
import { uncodedReasons } from '../src/billing/charge/service.ts';

const source = new URL('../src/', import.meta.url);

/** Functions that make an issue, and which of their arguments is its code. */
const makers: Readonly<Record<string, number>> = {
  ...{ details: 0, invalid: 0, structural: 0, invariant: 0, missing: 0, wrongValue: 0, unknownCode: 0 },
  ...{ businessFault: 0, unresolved: 0, warning: 0, decided: 0, badRequest: 0, duplicate: 0, conflict: 0 },
  ...{ unsupported: 1, fhirError: 2, Unfit: 0 },
};
const codeLike = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** The literals that an expression may come to. */
function literals(expression: ts.Expression | undefined): string[] {
  if (!expression) return [];
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isConditionalExpression(expression))
    return [...literals(expression.whenTrue), ...literals(expression.whenFalse)];
  return ts.isParenthesizedExpression(expression) ? literals(expression.expression) : [];
}

/** Every code that src writes down where it makes an issue, and the ids of the scrub rules. */
export function outcomeCodes(): string[] {
  const codes = new Set<string>(uncodedReasons); // why something charted is not billed: said by a variable
  const visit = (node: ts.Node): void => {
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && ts.isIdentifier(node.expression)) {
      const at = makers[node.expression.text];
      if (at !== undefined) for (const code of literals(node.arguments?.[at])) codes.add(code);
    }
    ts.forEachChild(node, visit);
  };
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(new URL(name, source), 'utf8');
    visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
    if (name.startsWith('billing/scrub/rules/'))
      for (const [, id = ''] of text.matchAll(/\bid: '([a-z0-9-]+)'/g)) codes.add(id);
  }
  return [...codes].filter((code) => codeLike.test(code)).sort();
}
