import { ESLintUtils } from '@typescript-eslint/utils';

const fhirTypes = /[\\/]@medplum[\\/]fhirtypes[\\/]/;

/** Types of FHIR that hold no decimal, however deep: a spread of them loses nothing. */
const withoutDecimals = new Set(['CodeableConcept', 'Coding', 'Meta', 'OperationOutcomeIssue', 'Reference']);

/** Whether a type is one of FHIR that may hold decimals, or made of one: an intersection, a Pick, an Omit. */
function holdsDecimals(type) {
  if (type.isUnion()) return type.types.some(holdsDecimals);
  if (withoutDecimals.has(type.symbol?.name)) return false;
  return type
    .getProperties()
    .some(({ parent, declarations = [] }) =>
      declarations.some(
        (declaration) =>
          fhirTypes.test(declaration.getSourceFile().fileName) &&
          !withoutDecimals.has((parent ?? declaration.parent?.symbol)?.name),
      ),
    );
}

/**
 * A copy of what was parsed loses how its decimals were written (25.00 becomes 25), be it by a spread or by
 * structuredClone: `changed`, `without` and `copyOf` of datatypes/json.ts keep it.
 */
export default ESLintUtils.RuleCreator.withoutDocs({
  meta: {
    type: 'problem',
    fixable: 'code',
    schema: [],
    messages: {
      spread: 'A spread of a resource or element loses its decimals: use changed(…) of datatypes/json.ts',
      clone: 'A structured clone of a resource loses its decimals: use copyOf(…) of datatypes/json.ts',
    },
  },
  defaultOptions: [],
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    const isHeld = (node) => holdsDecimals(services.getTypeAtLocation(node));
    const text = (node) => context.sourceCode.getText(node);
    return {
      'ObjectExpression > SpreadElement'(node) {
        const { argument, parent } = node;
        const [first, ...rest] = parent.properties;
        // what a call makes and what is chosen on the spot is new, where it does not stand first
        if (argument.type !== 'Identifier' && argument.type !== 'MemberExpression' && first !== node) return;
        if (!isHeld(argument)) return;
        const fix =
          first === node && rest.length > 0
            ? (fixer) =>
                fixer.replaceText(parent, `changed(${text(argument)}, { ${rest.map(text).join(', ')} })`)
            : null;
        context.report({ node, messageId: 'spread', fix });
      },
      'VariableDeclarator > ObjectPattern > RestElement'({ argument }) {
        if (isHeld(argument)) context.report({ node: argument, messageId: 'spread' });
      },
      'CallExpression[callee.name="structuredClone"]'(node) {
        if (node.arguments[0] && isHeld(node.arguments[0])) context.report({ node, messageId: 'clone' });
      },
    };
  },
});
