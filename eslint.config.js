import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import noResourceSpread from './script/lint/noResourceSpread.js';

export default defineConfig(
  { ignores: ['node_modules/', 'data/', 'profiles/', 'coverage/', '.mongod/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // readResource<Patient>(…): the caller names the type it asked the store for
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/terminology/**'], // reads nothing that was sent
    plugins: { claimwright: { rules: { 'no-resource-spread': noResourceSpread } } },
    rules: { 'claimwright/no-resource-spread': 'error' },
  },
);
